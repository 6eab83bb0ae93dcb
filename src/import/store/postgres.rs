//! PostgreSQL, over a Unix socket, or by TLS (docs/import.md; which TLS: `address.rs`, whose server: `certificates.rs`).

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use postgres::types::ToSql;
use postgres::{Client, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreFault;
use super::address::{Address, BadAddress, SslMode};
use super::certificates;
use super::database::{Database, Each, Row, Value};
use crate::formats::tls::{Roots, TlsFault};

/// Statements kept ready.
const KEPT_STATEMENTS: usize = 64;

/// Rows that one piece of a long answer holds.
const PIECE_ROWS: i32 = 1_000;

/// The lock that imports take: "sohoa" in ASCII. Other programs that use advisory locks take others.
const IMPORT_LOCK: i64 = 0x73_6F_68_6F_61;

/// The driver's words for a server that answers a request for TLS with no.
const NO_TLS: &str = "server does not support TLS";

/// How long to wait for each of a server's addresses to take the connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait until the server has let us in, by TLS and with the password checked.
const PATIENCE_WITH_SILENCE: Duration = Duration::from_secs(60);

/// A connection to a server.
pub struct Postgres {
    client: Client,
    ready: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects; `password` outranks one in the address.
    pub fn connect(address: &str, password: Option<&str>) -> Result<Self, StoreFault> {
        let failed = |cause: String| StoreFault::Unreachable {
            db: shown(address),
            cause,
        };
        let mut server = Address::read(address).map_err(|bad| match bad {
            BadAddress::Unreadable(cause) => failed(cause),
            BadAddress::InTheClear => StoreFault::InTheClear { db: shown(address) },
        })?;
        if let Some(password) = password {
            server.config.password(password);
        }
        server.config.connect_timeout(PATIENCE);
        let place = server.place();
        let Some(connected) = answered(server, PATIENCE_WITH_SILENCE) else {
            let seconds = PATIENCE_WITH_SILENCE.as_secs();
            return Err(failed(format!("no answer in {seconds} s")));
        };
        let mut client = connected?.map_err(|fault| match tls_fault(&fault, &place) {
            Some(fault) => StoreFault::Tls(fault),
            None => failed(words_of(&fault)),
        })?;
        // The encoding is that of the values; a server of another one converts or refuses.
        client.batch_execute("SET client_encoding = 'UTF8'; SET client_min_messages = warning")?;
        Ok(Self {
            client,
            ready: HashMap::new(),
        })
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreFault> {
        if let Some(ready) = self.ready.get(sql) {
            return Ok(ready.clone());
        }
        let made = self.client.prepare(sql)?;
        if self.ready.len() < KEPT_STATEMENTS {
            self.ready.insert(sql.to_owned(), made.clone());
        }
        Ok(made)
    }
}

/// What comes of connecting, or nothing where the server takes the connection and then says nothing for so long.
///
/// The driver has a time only for the connection itself, and would wait for the first word for ever. Its thread is left
/// behind then, and ends with this program.
fn answered(
    server: Address,
    patience: Duration,
) -> Option<Result<Result<Client, postgres::Error>, TlsFault>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        // Where nobody listens any more, the answer came too late.
        let _ = tell.send(connected(&server));
    });
    told.recv_timeout(patience).ok()
}

/// Connects as the address says; the outer fault is that of the roots.
fn connected(server: &Address) -> Result<Result<Client, postgres::Error>, TlsFault> {
    let mut config = server.config.clone();
    config.ssl_mode(match server.mode {
        SslMode::Disable => return Ok(config.connect(NoTls)),
        SslMode::Prefer => postgres::config::SslMode::Prefer,
        SslMode::Require | SslMode::VerifyFull => postgres::config::SslMode::Require,
    });
    let tls = certificates::client(server.mode, || roots(server))?;
    Ok(config.connect(MakeRustlsConnect::new(tls)))
}

/// Those of the file that the address names, else this computer's.
fn roots(server: &Address) -> Result<Roots, TlsFault> {
    let Some(file) = &server.roots else {
        return Roots::of_this_computer();
    };
    let name = file.display().to_string();
    // A file that cannot be read holds no roots either.
    let pem = std::fs::read(file).unwrap_or_default();
    Roots::of_pem(&name, &pem)
}

/// What is wrong with the server, where the driver says that TLS failed.
fn tls_fault(fault: &postgres::Error, place: &str) -> Option<TlsFault> {
    let below = TlsFault::below(fault, place);
    below.or_else(|| {
        let cause = std::error::Error::source(fault)?.to_string();
        (cause == NO_TLS).then(|| TlsFault::NoTls {
            server: place.to_owned(),
        })
    })
}

/// The address without user and password.
pub fn shown(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

/// The server's own words, where there are some.
fn words_of(fault: &postgres::Error) -> String {
    match fault.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => std::error::Error::source(fault)
            .map_or_else(|| fault.to_string(), |cause| format!("{fault}: {cause}")),
    }
}

impl From<postgres::Error> for StoreFault {
    fn from(fault: postgres::Error) -> Self {
        Self::Refused(words_of(&fault))
    }
}

impl Row for postgres::Row {
    fn text(&self, column: usize) -> Result<Option<String>, StoreFault> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: usize) -> Result<Option<i64>, StoreFault> {
        Ok(self.try_get(column)?)
    }

    fn bool(&self, column: usize) -> Result<bool, StoreFault> {
        Ok(self.try_get(column)?)
    }
}

fn as_parameters<'p>(values: &'p [Value<'p>]) -> Vec<&'p (dyn ToSql + Sync)> {
    let each = values.iter().map(|value| match value {
        Value::Text(text) => text as &(dyn ToSql + Sync),
        Value::Int(number) => number,
        Value::Bool(yes) => yes,
    });
    each.collect()
}

impl Database for Postgres {
    fn has_table(&mut self, name: &str) -> Result<bool, StoreFault> {
        let sql = "SELECT to_regclass($1) IS NOT NULL";
        Ok(self.client.query_one(sql, &[&name])?.try_get(0)?)
    }

    fn make_tables(&mut self, tables: &str) -> Result<(), StoreFault> {
        // Whatever the locale of the server: the same order everywhere, and no word of Vietnamese is
        // ever sorted for people here.
        self.run(&tables.replace(" TEXT", " TEXT COLLATE \"C\""))
    }

    fn run(&mut self, statements: &str) -> Result<(), StoreFault> {
        Ok(self.client.batch_execute(statements)?)
    }

    fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreFault> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, &as_parameters(values))?)
    }

    fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        each: &mut Each<'_>,
    ) -> Result<(), StoreFault> {
        let statement = self.statement(sql)?;
        for row in self.client.query(&statement, &as_parameters(values))? {
            each(&row)?;
        }
        Ok(())
    }

    fn stream(&mut self, sql: &str, each: &mut Each<'_>) -> Result<(), StoreFault> {
        let mut transaction = self.client.transaction()?;
        let portal = transaction.bind(sql, &[])?;
        loop {
            let rows = transaction.query_portal(&portal, PIECE_ROWS)?;
            if rows.is_empty() {
                return Ok(transaction.commit()?);
            }
            rows.iter().try_for_each(|row| each(row))?;
        }
    }

    fn begin(&mut self) -> Result<(), StoreFault> {
        self.run("BEGIN")
    }

    fn commit(&mut self) -> Result<(), StoreFault> {
        self.run("COMMIT")
    }

    fn roll_back(&mut self) -> Result<(), StoreFault> {
        self.run("ROLLBACK")
    }

    fn hold_off_other_imports(&mut self) -> Result<(), StoreFault> {
        self.query(
            "SELECT pg_advisory_lock($1) IS NULL",
            &[IMPORT_LOCK.into()],
            &mut |_| Ok(()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let address = "postgres://sohoa:bi%40mat@localhost:5432/kho?password=khac";
        assert_eq!(shown(address), "postgres://localhost:5432/kho");
    }

    #[test]
    fn a_server_that_takes_the_connection_and_says_nothing_is_not_waited_for_for_ever() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = silent.local_addr().expect("bound").port();
        for mode in ["disable", "prefer", "require"] {
            let address = format!("postgres://sohoa@127.0.0.1:{port}/kho?sslmode={mode}");
            let server = Address::read(&address).expect("an address");
            let answered = answered(server, Duration::from_millis(50));
            assert!(answered.is_none(), "{mode}");
        }
    }

    #[test]
    fn another_machine_is_refused_before_a_byte_is_sent_where_it_might_go_in_the_clear() {
        let address = "postgres://sohoa:bi-mat@192.0.2.7/kho?sslmode=prefer";
        let refused = Postgres::connect(address, None).err().expect("refused");
        assert!(matches!(refused, StoreFault::InTheClear { .. }));
        assert!(!refused.to_string().contains("bi-mat"), "{refused}");
    }

    #[test]
    fn a_file_that_holds_no_roots_is_told_before_anybody_is_asked() {
        let address = "postgres://sohoa@192.0.2.7/kho?sslrootcert=/nowhere/root.pem";
        let refused = Postgres::connect(address, None).err().expect("refused");
        let said = refused.to_string();
        assert!(said.contains("/nowhere/root.pem"), "{said}");
    }
}
