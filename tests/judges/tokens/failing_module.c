// A PKCS#11 module that hands everything on to the one named by TOKEN_BEHIND, but lets signatures fail
// as if the token had been pulled out (CKR_DEVICE_REMOVED): those behind the first TOKEN_FAILS_AFTER,
// TOKEN_FAILS_TIMES of them. The token says of itself what TOKEN_FLAGS adds to its flags: SoftHSM2
// counts no wrong PINs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long rv;
enum { FUNCTIONS = 68, GET_FUNCTION_LIST = 3, GET_TOKEN_INFO = 6, SIGN = 43, DEVICE_REMOVED = 0x32 };

// CK_FUNCTION_LIST (PKCS#11 2.40, 3.2): a version, then the functions in the standard's order.
struct list {
    unsigned char major, minor;
    void *functions[FUNCTIONS];
};

// CK_TOKEN_INFO as far as its flags: label, manufacturer, model and serial number come before them.
struct token_info {
    unsigned char names[96];
    unsigned long flags;
};

typedef rv (*get_list)(struct list **);
typedef rv (*get_info)(unsigned long, struct token_info *);
typedef rv (*sign)(unsigned long, unsigned char *, unsigned long, unsigned char *, unsigned long *);

static struct list own;
static sign sign_behind;
static get_info info_behind;
static long after, times, flags;

static rv flagged_info(unsigned long slot, struct token_info *info) {
    rv value = info_behind(slot, info);
    if (value == 0) info->flags |= (unsigned long)flags;
    return value;
}

static rv failing_sign(unsigned long session, unsigned char *data, unsigned long data_bytes,
                       unsigned char *signature, unsigned long *signature_bytes) {
    // Without a place for it only the length is asked for.
    if (signature != NULL) {
        if (after > 0) {
            after--;
        } else if (times > 0) {
            times--;
            return DEVICE_REMOVED;
        }
    }
    return sign_behind(session, data, data_bytes, signature, signature_bytes);
}

static rv get_own(struct list **to) {
    *to = &own;
    return 0;
}

rv C_GetFunctionList(struct list **to) {
    const char *behind = getenv("TOKEN_BEHIND");
    void *module = behind ? dlopen(behind, RTLD_NOW) : NULL;
    get_list get = module ? (get_list)dlsym(module, "C_GetFunctionList") : NULL;
    struct list *found = NULL;
    if (get == NULL || get(&found) != 0) return 5; // CKR_GENERAL_ERROR
    memcpy(&own, found, sizeof own);
    sign_behind = (sign)own.functions[SIGN];
    own.functions[SIGN] = (void *)failing_sign;
    info_behind = (get_info)own.functions[GET_TOKEN_INFO];
    own.functions[GET_TOKEN_INFO] = (void *)flagged_info;
    own.functions[GET_FUNCTION_LIST] = (void *)get_own;
    after = atol(getenv("TOKEN_FAILS_AFTER") ? getenv("TOKEN_FAILS_AFTER") : "0");
    times = atol(getenv("TOKEN_FAILS_TIMES") ? getenv("TOKEN_FAILS_TIMES") : "0");
    flags = atol(getenv("TOKEN_FLAGS") ? getenv("TOKEN_FLAGS") : "0");
    return get_own(to);
}
