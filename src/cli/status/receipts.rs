//! The status beside the receiver's receipts: what is held there, what was rejected and why, what must be sent.

use serde_json::{Value, json};

use crate::cli::numbers;
use crate::cli::say::by;
use crate::import::Reconciled;
use crate::import::receipts::ReceiptReason;
use crate::messages::{self, Language};

/// Folders told of at the terminal; the JSON lines tell all.
const TOLD: usize = 20;

/// For people.
pub fn text(reconciled: &Reconciled, language: Language) -> String {
    let counts = [
        (
            reconciled.held,
            by(language, "Bên nhận đã có", "Held by the receiver"),
        ),
        (
            reconciled.rejected.len() as u64,
            by(language, "Bên nhận từ chối", "Rejected by the receiver"),
        ),
        (
            reconciled.to_send.len() as u64,
            by(
                language,
                "Phải gửi, hoặc gửi lại",
                "To be sent, or sent again",
            ),
        ),
    ];
    let mut text = by(language, "\nTheo biên nhận\n", "\nBy the receipts\n").to_owned();
    for (count, word) in counts {
        text += &format!("{:>10}  {word}\n", numbers::whole(count, language));
    }
    for (folder, reason) in &reconciled.rejected {
        text += &rejected(folder, reason, language);
    }
    for folder in reconciled.to_send.iter().take(TOLD) {
        text += &format!("            {folder}\n");
    }
    if reconciled.to_send.len() > TOLD {
        text += "            …\n";
    }
    text
}

fn rejected(folder: &str, reason: &ReceiptReason, language: Language) -> String {
    let wording = messages::wording(language, &reason.code, &[]);
    let what = match language {
        Language::Vi => &reason.what,
        Language::En => &wording.what,
    };
    format!(
        "\n{folder}\n[{}] {what}\n    → {}\n",
        reason.code, wording.remedy
    )
}

/// For machines: a line for each dossier that is not held.
pub fn lines(reconciled: &Reconciled) -> Vec<Value> {
    let rejected = reconciled.rejected.iter().map(
        |(folder, reason)| json!({"v": 1, "type": "rejected", "folder": folder, "reason": reason}),
    );
    let to_send = (reconciled.to_send.iter())
        .map(|folder| json!({"v": 1, "type": "to_send", "folder": folder}));
    rejected.chain(to_send).collect()
}

/// The counts, for the summary.
pub fn counts(reconciled: &Reconciled) -> Value {
    json!({
        "held": reconciled.held, "rejected": reconciled.rejected.len(),
        "to_send": reconciled.to_send.len(),
    })
}
