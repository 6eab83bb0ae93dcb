-- Kho nhận của `sohoa import`: một bản cho cả SQLite và PostgreSQL. Nghĩa của từng cột: docs/import.md.
-- Ngày là văn bản ISO 8601 (PostgreSQL: cột::date), mã băm là 64 chữ số thập lục phân viết thường.

CREATE TABLE schema_version (
    version BIGINT NOT NULL
);
INSERT INTO schema_version (version) VALUES (1);

-- Mỗi dòng một đợt giao nhận đã kiểm chứng.
CREATE TABLE delivery (
    id BIGINT NOT NULL PRIMARY KEY,
    batch TEXT NOT NULL UNIQUE,
    merkle_root TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    created TEXT NOT NULL,
    created_s BIGINT NOT NULL,
    signer TEXT NOT NULL,
    key_id TEXT NOT NULL,
    accepted_doubts TEXT NOT NULL,
    place TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    finished BOOLEAN NOT NULL
);

-- Mỗi dòng một phiên bản của một hồ sơ; không dòng nào bị sửa hay xóa.
CREATE TABLE dossier (
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    delivery BIGINT NOT NULL REFERENCES delivery (id),
    folder TEXT NOT NULL,
    content_key TEXT NOT NULL,
    record_sha256 TEXT NOT NULL,
    unit TEXT NOT NULL,
    procedure_code TEXT,
    code_day TEXT NOT NULL,
    pages BIGINT NOT NULL,
    needs_review BOOLEAN NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (code, version),
    UNIQUE (code, content_key)
);

-- Mỗi dòng một giấy tờ của một phiên bản hồ sơ.
CREATE TABLE paper (
    dossier TEXT NOT NULL,
    version BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kind BIGINT NOT NULL CHECK (kind IN (0, 1, 2)),
    state BIGINT NOT NULL CHECK (state IN (0, 1, 2, 3)),
    type_id TEXT NOT NULL,
    type_name TEXT NOT NULL,
    title TEXT NOT NULL,
    result_code TEXT,
    valid_until TEXT,
    so_ky_hieu TEXT,
    issued_on TEXT,
    issuer TEXT,
    signer TEXT,
    subject TEXT,
    fields TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    confidence_pct BIGINT NOT NULL,
    seal_state TEXT NOT NULL,
    seal_level TEXT,
    needs_review BOOLEAN NOT NULL,
    PRIMARY KEY (dossier, version, ordinal),
    FOREIGN KEY (dossier, version) REFERENCES dossier (code, version)
);

-- Biên nhận: mỗi hồ sơ của mỗi đợt đúng một dòng.
CREATE TABLE receipt (
    delivery BIGINT NOT NULL REFERENCES delivery (id),
    folder TEXT NOT NULL,
    dossier TEXT NOT NULL,
    content_key TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'duplicate', 'rejected')),
    version BIGINT,
    reason TEXT,
    place TEXT,
    what TEXT,
    PRIMARY KEY (delivery, folder)
);

-- Sổ theo dõi hồ sơ của hệ thống một cửa: mẫu số của tỷ lệ (docs/rates.md).
CREATE TABLE register (
    code TEXT NOT NULL PRIMARY KEY,
    unit TEXT NOT NULL,
    procedure_code TEXT NOT NULL,
    received_on TEXT,
    due_on TEXT,
    finished_on TEXT,
    state BIGINT NOT NULL CHECK (state BETWEEN 1 AND 10),
    returns_paper BOOLEAN NOT NULL,
    reused_from_store BOOLEAN NOT NULL,
    result_synced BOOLEAN NOT NULL,
    from_population_db BOOLEAN NOT NULL,
    vneid BOOLEAN NOT NULL,
    result_in_force BOOLEAN NOT NULL
);
CREATE INDEX register_by_unit ON register (unit, code);

-- Phiên bản mới nhất của mỗi hồ sơ, và giấy tờ của nó.
CREATE VIEW dossier_current AS
SELECT d.* FROM dossier d
WHERE d.version = (SELECT MAX(n.version) FROM dossier n WHERE n.code = d.code);

CREATE VIEW paper_current AS
SELECT p.* FROM paper p
WHERE p.version = (SELECT MAX(n.version) FROM dossier n WHERE n.code = p.dossier);
