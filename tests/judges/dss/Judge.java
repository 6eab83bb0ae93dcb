// What EU DSS says of signed files and evidence records, by its default policy: one JSON line a request.
//
// usage: java -cp 'JARS/*' Judge.java <REQUESTS
//
// A request is one line of KEY=VALUE fields parted by tabs; a key may stand several times:
//   file      the signed PDF, or the evidence record (RFC 4998)
//   trust     certificates (PEM or DER) that are trusted
//   cert      certificates lent for building a path
//   crl ocsp  revocation data that is given beside the file (DER)
//   at        time of the validation, 2026-11-25T00:00:00Z
//   detached  what an evidence record is about
// Nothing is fetched from any network.

import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlEvidenceRecord;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

public class Judge {
    public static void main(String[] arguments) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isBlank()) out.println(answer(fields(line)));
        }
    }

    static Map<String, List<String>> fields(String line) {
        var fields = new HashMap<String, List<String>>();
        for (String field : line.split("\t")) {
            int at = field.indexOf('=');
            fields.computeIfAbsent(field.substring(0, at), key -> new ArrayList<>()).add(field.substring(at + 1));
        }
        return fields;
    }

    static String answer(Map<String, List<String>> request) {
        String file = request.get("file").get(0);
        try {
            return told(file, judged(request));
        } catch (Exception | StackOverflowError | OutOfMemoryError error) {
            String why = error.getClass().getSimpleName() + ": " + error.getMessage();
            return object("file", quoted(file), "error", quoted(why));
        }
    }

    static SimpleReport judged(Map<String, List<String>> request) throws Exception {
        var validator = SignedDocumentValidator.fromDocument(new FileDocument(request.get("file").get(0)));
        validator.setCertificateVerifier(verifier(request));
        validator.setEnableEtsiValidationReport(false);
        for (String at : all(request, "at")) validator.setValidationTime(Date.from(Instant.parse(at)));
        List<DSSDocument> about = new ArrayList<>();
        for (String path : all(request, "detached")) about.add(new FileDocument(path));
        if (!about.isEmpty()) validator.setDetachedContents(about);
        return validator.validateDocument().getSimpleReport();
    }

    static CommonCertificateVerifier verifier(Map<String, List<String>> request) throws Exception {
        var verifier = new CommonCertificateVerifier();
        var trusted = new CommonTrustedCertificateSource();
        for (CertificateToken one : certificates(all(request, "trust"))) trusted.addCertificate(one);
        var lent = new CommonCertificateSource();
        for (CertificateToken one : certificates(all(request, "cert"))) lent.addCertificate(one);
        verifier.setTrustedCertSources(trusted);
        verifier.setAdjunctCertSources(lent);
        verifier.setAIASource(null);
        var crls = all(request, "crl");
        var answers = all(request, "ocsp");
        if (!crls.isEmpty()) verifier.setCrlSource(new ExternalResourcesCRLSource(documents(crls)));
        if (!answers.isEmpty()) verifier.setOcspSource(new ExternalResourcesOCSPSource(documents(answers)));
        return verifier;
    }

    static DSSDocument[] documents(List<String> paths) {
        return paths.stream().map(FileDocument::new).toArray(DSSDocument[]::new);
    }

    static List<CertificateToken> certificates(List<String> paths) throws Exception {
        var factory = CertificateFactory.getInstance("X.509");
        var tokens = new ArrayList<CertificateToken>();
        for (String path : paths) {
            try (InputStream in = Files.newInputStream(Path.of(path))) {
                for (Certificate one : factory.generateCertificates(in)) {
                    tokens.add(new CertificateToken((X509Certificate) one));
                }
            }
        }
        return tokens;
    }

    static List<String> all(Map<String, List<String>> request, String key) {
        return request.getOrDefault(key, List.of());
    }

    static String told(String file, SimpleReport report) {
        var signatures = new ArrayList<String>();
        for (String id : report.getSignatureIdList()) {
            var stamps = report.getSignatureTimestamps(id).stream().map(one -> stamp(report, one));
            signatures.add(token(report, id,
                "level", quoted(String.valueOf(report.getSignatureFormat(id))),
                "signed_by", quoted(report.getSignedBy(id)),
                "best_time", time(report.getBestSignatureTime(id)),
                "timestamps", array(stamps.collect(Collectors.toList()))));
        }
        var stamps = report.getTimestampIdList().stream()
            .map(id -> token(report, id, "at", time(report.getProductionTime(id)))).collect(Collectors.toList());
        var records = report.getEvidenceRecordIdList().stream()
            .map(id -> record(report, report.getEvidenceRecordById(id))).collect(Collectors.toList());
        return object("file", quoted(file), "signatures", array(signatures), "timestamps", array(stamps),
            "evidence_records", array(records));
    }

    static String stamp(SimpleReport report, XmlTimestamp one) {
        return token(report, one.getId(), "at", time(one.getProductionTime()));
    }

    static String record(SimpleReport report, XmlEvidenceRecord one) {
        var stamps = new ArrayList<String>();
        if (one.getTimestamps() != null) {
            for (XmlTimestamp each : one.getTimestamps().getTimestamp()) stamps.add(stamp(report, each));
        }
        var about = one.getEvidenceRecordScope().stream().map(scope -> quoted(scope.getName()));
        return token(report, one.getId(), "proven_at", time(one.getPOETime()), "timestamps", array(stamps),
            "about", array(about.collect(Collectors.toList())));
    }

    // What is said of every kind of thing that DSS judges.
    static String token(SimpleReport report, String id, String... more) {
        Indication indication = report.getIndication(id);
        SubIndication why = report.getSubIndication(id);
        var parts = new ArrayList<>(List.of("indication", quoted(String.valueOf(indication)),
            "sub_indication", why == null ? "null" : quoted(why.name())));
        parts.addAll(List.of(more));
        parts.addAll(List.of("errors", messages(report.getAdESValidationErrors(id)),
            "warnings", messages(report.getAdESValidationWarnings(id))));
        return object(parts.toArray(String[]::new));
    }

    static String messages(List<Message> messages) {
        var each = messages.stream().map(one -> quoted(one.getKey() + ": " + one.getValue()));
        return array(each.collect(Collectors.toList()));
    }

    static String time(Date at) {
        return at == null ? "null" : quoted(at.toInstant().toString());
    }

    static String array(List<String> values) {
        return "[" + String.join(",", values) + "]";
    }

    static String object(String... parts) {
        var members = new ArrayList<String>();
        for (int at = 0; at < parts.length; at += 2) members.add(quoted(parts[at]) + ":" + parts[at + 1]);
        return "{" + String.join(",", members) + "}";
    }

    static String quoted(String text) {
        if (text == null) return "null";
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20 || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
