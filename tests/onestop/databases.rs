//! Real databases for the tests: SQLite files, and a PostgreSQL server of Debian's, started for the test on a
//! Unix socket in a folder of its own, as somebody who is not root.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use postgres::types::Type;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

/// The tables and what their rows are sorted by.
pub const TABLES: [(&str, &str); 5] = [
    ("delivery", "id"),
    ("dossier", "code, version"),
    ("paper", "dossier, version, ordinal"),
    ("receipt", "delivery, folder"),
    ("register", "code"),
];

/// A server that ends with the test.
pub struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// PostgreSQL's own, which names the socket.
const PORT: u16 = 5432;

impl Server {
    /// A fresh cluster, started.
    pub fn start() -> Self {
        Self::start_with(PORT, |_| vec!["listen_addresses=".to_owned()])
    }

    /// The same, that listens at this port of the loopback as well, there by TLS and with a password alone.
    pub fn start_at(port: u16) -> Self {
        Self::start_with(port, |folder| {
            let rules = owned(
                folder,
                "pg_hba.conf",
                "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
            );
            let rules = format!("hba_file={}", rules.display());
            vec!["listen_addresses=127.0.0.1".to_owned(), rules]
        })
    }

    fn start_with(port: u16, settings: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("sohoa-pg")
            .tempdir_in("/tmp");
        let folder = folder.expect("a temporary folder");
        let data = folder.path().join("data");
        if let Some((user, group)) = other_than_root() {
            chown(folder.path(), Some(user), Some(group)).expect("chown");
        }
        let mut made = as_nobody_of_note(&program("initdb"));
        made.arg("-D")
            .arg(&data)
            .args(["-U", "sohoa", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        // A locale whose own order is not that of the bytes.
        made.args([
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=vi",
        ]);
        let made = made.output().expect("initdb starts");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut server = as_nobody_of_note(&program("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        server.args(["-p", &port.to_string()]);
        server.args(["-c", "fsync=off", "-c", "logging_collector=off"]);
        for setting in settings(folder.path()) {
            server.args(["-c", &setting]);
        }
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self {
            child: server.expect("postgres starts"),
            folder,
            port,
        };
        server.wait();
        server
    }

    /// The address of a database of this name, which is made where there is none.
    pub fn database(&self, name: &str) -> String {
        let mut client = self.client("postgres").expect("connects");
        // It may stand there already.
        let _ = client.batch_execute(&format!("CREATE DATABASE {name}"));
        self.address(name)
    }

    /// Runs statements as the owner.
    pub fn run(&self, statements: &[&str]) {
        let mut client = self.client("postgres").expect("connects");
        for statement in statements {
            client.batch_execute(statement).expect("is done");
        }
    }

    /// From now on there is TLS with this certificate and key, or none.
    pub fn speak_tls(&self, files: Option<&[PathBuf; 2]>) {
        let mut settings = vec![format!("ALTER SYSTEM SET ssl = {}", files.is_some())];
        for (file, setting) in files
            .into_iter()
            .flatten()
            .zip(["ssl_cert_file", "ssl_key_file"])
        {
            let text = fs::read_to_string(file).expect("a file");
            let own = owned(self.folder.path(), setting, &text);
            settings.push(format!("ALTER SYSTEM SET {setting} = '{}'", own.display()));
        }
        settings.push("SELECT pg_reload_conf()".to_owned());
        let when = "SELECT pg_conf_load_time()::text";
        let loaded = || {
            self.client("postgres")
                .expect("connects")
                .query_one(when, &[])
                .expect("a row")
                .get::<_, String>(0)
        };
        let before = loaded();
        self.run(&settings.iter().map(String::as_str).collect::<Vec<_>>());
        let began = Instant::now();
        while loaded() == before {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "is not read again"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn address(&self, name: &str) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        let port = self.port;
        format!("postgres://sohoa@{socket}:{port}/{name}")
    }

    fn client(&self, name: &str) -> Result<postgres::Client, postgres::Error> {
        postgres::Client::connect(&self.address(name), postgres::NoTls)
    }

    fn wait(&self) {
        let began = Instant::now();
        while let Err(fault) = self.client("postgres") {
            assert!(began.elapsed() < Duration::from_secs(60), "{fault}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT: fast shutdown. It may have died by itself.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::INT,
        );
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> PathBuf {
    let places = fs::read_dir("/usr/lib/postgresql").expect("Debian's postgresql");
    let mut places: Vec<PathBuf> = places
        .map(|place| place.expect("an entry").path())
        .collect();
    places.sort();
    let found = places
        .iter()
        .rev()
        .map(|place| place.join("bin").join(name));
    let mut found = found.filter(|path| path.is_file());
    found.next().expect("Debian's postgresql")
}

/// The user that Debian makes for PostgreSQL, where the tests run as root: the server refuses to.
fn other_than_root() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("users");
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let fields: Vec<&str> = line.expect("Debian's user postgres").split(':').collect();
    Some((
        fields[2].parse().expect("a uid"),
        fields[3].parse().expect("a gid"),
    ))
}

/// A file of the server's user, whose keys nobody else may read.
fn owned(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
    if let Some((user, group)) = other_than_root() {
        chown(&path, Some(user), Some(group)).expect("chown");
    }
    path
}

fn as_nobody_of_note(program: &Path) -> Command {
    let Some((user, group)) = other_than_root() else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"));
    command.arg("--clear-groups").arg(program).current_dir("/");
    command
}

/// The rows of a query, each a line of its values with bars between; the same for both databases.
pub fn rows(db: &str, sql: &str) -> Vec<String> {
    match db.starts_with("postgres://") {
        true => rows_of_postgres(db, sql),
        false => rows_of_sqlite(db, sql),
    }
}

fn rows_of_sqlite(db: &str, sql: &str) -> Vec<String> {
    let db = rusqlite::Connection::open(db).expect("opens");
    let mut statement = db.prepare(sql).expect("SQL");
    let columns = statement.column_count();
    let mut rows = statement.query([]).expect("queries");
    let mut lines = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let value = |column| match row.get_ref(column).expect("a value") {
            ValueRef::Null => "-".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8(text.to_vec()).expect("UTF-8"),
            other => panic!("{other:?}"),
        };
        lines.push((0..columns).map(value).collect::<Vec<_>>().join("|"));
    }
    lines
}

fn rows_of_postgres(db: &str, sql: &str) -> Vec<String> {
    let mut client = postgres::Client::connect(db, postgres::NoTls).expect("connects");
    let rows = client.query(sql, &[]).expect("queries");
    let line = |row: &postgres::Row| {
        let value = |(at, column): (usize, &postgres::Column)| match *column.type_() {
            Type::BOOL => Some(i64::from(row.get::<_, bool>(at)).to_string()),
            Type::INT8 => row
                .get::<_, Option<i64>>(at)
                .map(|number| number.to_string()),
            _ => row.get::<_, Option<String>>(at),
        };
        let values = row.columns().iter().enumerate().map(value);
        let values = values.map(|value| value.unwrap_or_else(|| "-".to_owned()));
        values.collect::<Vec<_>>().join("|")
    };
    rows.iter().map(line).collect()
}

/// Runs statements of the test's own.
pub fn execute(db: &str, sql: &str) {
    match db.starts_with("postgres://") {
        true => {
            let mut client = postgres::Client::connect(db, postgres::NoTls).expect("connects");
            client.batch_execute(sql).expect("SQL");
        }
        false => {
            let db = rusqlite::Connection::open(db).expect("opens");
            db.execute_batch(sql).expect("SQL");
        }
    }
}

/// Puts each text into a table of one column.
pub fn put_texts<'t>(db: &str, table: &str, texts: impl Iterator<Item = &'t str>) {
    let sql = format!("INSERT INTO {table} VALUES ($1)");
    if !db.starts_with("postgres://") {
        let mut db = rusqlite::Connection::open(db).expect("opens");
        let all = db.transaction().expect("begins");
        for text in texts {
            all.execute(&sql, [text]).expect("inserts");
        }
        return all.commit().expect("commits");
    }
    let mut client = postgres::Client::connect(db, postgres::NoTls).expect("connects");
    let mut all = client.transaction().expect("begins");
    let statement = all.prepare(&sql).expect("SQL");
    for text in texts {
        all.execute(&statement, &[&text]).expect("inserts");
    }
    all.commit().expect("commits");
}

/// Everything that stands in these tables of the database.
pub fn dump_of(db: &str, tables: &[&str]) -> Vec<String> {
    let wanted = TABLES.iter().filter(|(table, _)| tables.contains(table));
    let all = wanted.flat_map(|(table, order)| {
        let rows = rows(db, &format!("SELECT * FROM {table} ORDER BY {order}"));
        rows.into_iter().map(move |row| format!("{table}: {row}"))
    });
    all.collect()
}

/// Everything that stands in the database.
pub fn dump(db: &str) -> Vec<String> {
    dump_of(db, &TABLES.map(|(table, _)| table))
}

/// A fresh SQLite file in a folder.
pub fn sqlite(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}
