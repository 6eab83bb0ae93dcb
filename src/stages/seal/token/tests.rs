//! A token that fails on purpose: what is waited for, what is given up, and that no PIN is tried twice.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::objects::ecdsa_der;
use super::{Device, Lane, Trouble};
use crate::formats::signer::{SignatureAlgorithm, SignerFault};

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers what it was told to, then signs.
struct Moody {
    answers: VecDeque<Trouble>,
    asked: Arc<AtomicU64>,
}

impl Device for Moody {
    fn sign(&mut self, _: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.answers.pop_front() {
            Some(trouble) => Err(trouble),
            None => Ok(message.to_vec()),
        }
    }
}

/// Time that passed in the tests of this file, one after the other.
static PAUSED_MS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

fn note(pause: Duration) {
    PAUSED_MS
        .lock()
        .expect("one test at a time")
        .push(pause.as_millis() as u64);
}

fn lane(answers: &[Trouble], pause: fn(Duration)) -> (Lane, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let device = Moody {
        answers: answers.iter().copied().collect(),
        asked: Arc::clone(&asked),
    };
    (Lane::new(Box::new(device), PATIENCE, pause), asked)
}

#[test]
fn a_token_that_comes_back_in_time_signs_and_is_asked_ever_more_rarely() {
    let (mut lane, asked) = lane(&[Trouble::Passing; 9], note);
    assert_eq!(lane.sign(ALGORITHM, b"m"), Ok(b"m".to_vec()));
    assert_eq!(asked.load(Ordering::Relaxed), 10);
    let paused = PAUSED_MS.lock().expect("no other test notes").clone();
    let expected = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 3700];
    assert_eq!(paused, expected, "in all the twenty seconds of the plan");
}

#[test]
fn one_that_stays_away_is_given_up_once_for_all() {
    let (mut lane, asked) = lane(&[Trouble::Passing; 1000], |_| {});
    assert_eq!(lane.sign(ALGORITHM, b"m"), Err(SignerFault::Lost));
    let tries = asked.load(Ordering::Relaxed);
    assert_eq!(lane.sign(ALGORITHM, b"m"), Err(SignerFault::Lost));
    assert_eq!(asked.load(Ordering::Relaxed), tries, "not asked again");
}

#[test]
fn a_pin_that_is_refused_is_not_tried_again() {
    for fault in [SignerFault::PinRefused, SignerFault::Refused] {
        let (mut lane, asked) = lane(&[Trouble::Passing, Trouble::Lasting(fault)], |_| {});
        assert_eq!(lane.sign(ALGORITHM, b"m"), Err(fault));
        assert_eq!(lane.sign(ALGORITHM, b"m"), Err(fault));
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn two_numbers_side_by_side_become_der() {
    let mut raw = vec![0; 64];
    (raw[31], raw[63]) = (1, 0x80);
    let der = ecdsa_der(&raw).expect("two numbers");
    assert_eq!(der, [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]);
    assert_eq!(ecdsa_der(&raw[..63]), None);
    assert_eq!(ecdsa_der(&[]), None);
}
