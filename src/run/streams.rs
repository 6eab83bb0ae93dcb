//! Streams: a pile of pages scanned at once is looked at, cut, and goes on as one lot a dossier.
//!
//! This comes before the lanes, because how many dossiers there are shows only in the cut.
//! Every page of a stream belongs to exactly one lot afterwards. A page that cannot be
//! taken out counts as a page of the dossier before it, which is then set aside for it: had
//! it been a separator sheet, two dossiers would stand there as one.

use std::collections::HashSet;
use std::path::Path;

use rayon::prelude::*;

use super::reader::{Effort, PageTask, ReadFault};
use super::{Event, RunFault, Tools, page, road};
use crate::model::{Description, DossierCode, PageText};
use crate::stages::cut::{self, By, CutFault, Piece, Sign};
use crate::stages::intake::{self, Entry, IntakeFault, Place, Survey};
use crate::stages::package::Store;

/// The label that names the stream in the record of a dossier cut out of it.
const STREAM_LABEL: &str = "stream";
/// A dossier's code stands on its first pages, or is some other dossier's.
const PAGES_WITH_CODE: usize = 3;

/// What a lane takes at a time: an entry of the drop, or a piece of a stream.
pub struct Lot {
    /// Where it came from.
    pub entry: Entry,
    /// Why a piece of a stream is no dossier.
    pub fault: Option<CutFault>,
    /// Of a stream, what was surveyed before the cut.
    survey: Option<Survey>,
}

impl Lot {
    /// An entry as it is.
    pub fn whole(entry: Entry) -> Self {
        Self {
            entry,
            fault: None,
            survey: None,
        }
    }

    /// What it holds; what was hashed for the cut is not hashed again.
    pub fn survey(
        &self,
        options: &intake::Options,
        unpacked: &Path,
    ) -> Result<Survey, IntakeFault> {
        match &self.survey {
            Some(survey) => Ok(survey.clone()),
            None => intake::survey(&self.entry, options, unpacked),
        }
    }
}

/// Cuts the streams among these entries; all others go on as they are.
pub fn cut(entries: Vec<Entry>, tools: &Tools<'_>, store: &Store) -> Result<Vec<Lot>, RunFault> {
    let mut lots = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.is_stream && tools.stop.asked().is_none() {
            true => lots.extend(cut_stream(entry, tools, store)?),
            false => lots.push(Lot::whole(entry)),
        }
    }
    refuse_codes_borne_elsewhere(&mut lots);
    Ok(lots)
}

fn cut_stream(entry: Entry, tools: &Tools<'_>, store: &Store) -> Result<Vec<Lot>, RunFault> {
    let mut survey = intake::survey(&entry, &tools.plan.intake, &store.unpacked())?;
    road::open_files(&entry, &mut survey, tools);
    let signed = survey.files.iter().any(|file| file.signed);
    if signed || !survey.faults.is_empty() {
        // A sheet may be in what cannot be opened: no cut around it can be trusted. And a
        // file that carries signatures is never cut.
        let survey = Some(survey);
        return Ok(vec![Lot {
            survey,
            ..Lot::whole(entry)
        }]);
    }
    let stream = Stream {
        places: page::places(&survey).collect(),
        entry,
        survey,
        tools,
        store,
    };
    let Some(signs) = stream.signs()? else {
        return Ok(vec![Lot::whole(stream.entry)]);
    };
    let mut pieces = cut::cut(&signs);
    if tools.plan.cut.code_from_text {
        stream.take_codes_from_text(&mut pieces, &signs)?;
        cut::set_aside_twins(&mut pieces);
    }
    let lots: Vec<Lot> = pieces.into_iter().map(|piece| stream.lot(piece)).collect();
    (tools.report)(Event::StreamCut {
        stream: &stream.entry.name,
        pages: stream.places.len() as u64,
        pieces: lots.len() as u64,
    });
    let names: HashSet<&str> = lots.iter().map(|lot| lot.entry.name.as_str()).collect();
    store.forget_pieces(&stream.entry.name, &names)?;
    store.no_longer_set_aside(&stream.entry.name)?;
    Ok(lots)
}

/// A stream whose files are open.
struct Stream<'a> {
    entry: Entry,
    survey: Survey,
    /// Its pages: file of the survey, page in that file.
    places: Vec<(usize, u32)>,
    tools: &'a Tools<'a>,
    store: &'a Store,
}

impl Stream<'_> {
    /// What each page is to the cutter; `None` where the run was asked to end.
    fn signs(&self) -> Result<Option<Vec<Sign>>, RunFault> {
        let look = |place: usize| match self.tools.stop.asked() {
            Some(_) => Ok(None),
            None => self.sign(place).map(Some),
        };
        let places = 0..self.places.len();
        self.tools
            .pool
            .install(|| places.into_par_iter().map(look).collect())
    }

    fn sign(&self, place: usize) -> Result<Sign, RunFault> {
        let (file, index) = self.places[place];
        let scan = &self.survey.files[file];
        let marks = {
            let _share = self.tools.memory.admit(scan.largest_page_px);
            self.tools.reader.look(scan, index).unwrap_or_default()
        };
        let options = &self.tools.plan.cut;
        let sign = match options.sign(&marks) {
            Sign::Page if options.needs_text() => self.front(place)?,
            sign => sign,
        };
        (self.tools.report)(Event::PageLooked);
        Ok(sign)
    }

    /// Whether a page is a dossier's own first one, by its heading.
    fn front(&self, place: usize) -> Result<Sign, RunFault> {
        let Some(text) = self.read(place)? else {
            return Ok(Sign::Page);
        };
        let description = self.tools.describer.describe(&[&text]);
        let by = match description.kind.id.as_str() {
            "bia_ho_so" => By::Cover,
            "muc_luc_ho_so" => By::MucLuc,
            _ => return Ok(Sign::Page),
        };
        Ok(match self.tools.plan.cut.by.contains(&by) {
            true => Sign::Front(code_in(&description)),
            false => Sign::Page,
        })
    }

    /// The words of a page; none where it cannot be read.
    fn read(&self, place: usize) -> Result<Option<PageText>, RunFault> {
        let (file, index) = self.places[place];
        let scan = &self.survey.files[file];
        let spool = self.store.scratch(&format!("look-{file}-{index}"));
        let task = PageTask {
            scan,
            index,
            spool: &spool,
            effort: Effort::Full,
        };
        let _share = self.tools.memory.admit(scan.largest_page_px);
        let found = self.tools.reader.read_page(&task);
        // Only the words were wanted; a blank page leaves no image.
        let _ = std::fs::remove_file(&spool);
        match found {
            Ok(found) => Ok(Some(found.text)),
            Err(ReadFault::Recognize(fault)) if fault.stops_the_run() => Err(fault.into()),
            Err(_) => Ok(None),
        }
    }

    /// Gives pieces that a sheet without a code opened the code that is read on their pages.
    fn take_codes_from_text(&self, pieces: &mut [Piece], signs: &[Sign]) -> Result<(), RunFault> {
        for piece in pieces {
            let unnamed = matches!(piece.code, Err(CutFault::NoCode { .. }));
            // Where a sheet says two codes, the text is no judge between them.
            if !unnamed || signs[piece.pages.start] == Sign::TwoCodes {
                continue;
            }
            let pages = piece
                .pages
                .clone()
                .filter(|place| !signs[*place].is_sheet());
            let mut texts = Vec::new();
            for place in pages.take(PAGES_WITH_CODE) {
                texts.extend(self.read(place)?);
            }
            let texts: Vec<&PageText> = texts.iter().collect();
            if let Some(code) = code_in(&self.tools.describer.describe(&texts)) {
                piece.code = Ok(code);
            }
        }
        Ok(())
    }

    /// The lot of a piece: its entry is named by the code, or by its pages where there is none.
    fn lot(&self, piece: Piece) -> Lot {
        let pages = format!("trang {}-{}", piece.pages.start + 1, piece.pages.end);
        let (name, code, fault) = match piece.code {
            Ok(code) => (code.to_string(), code.to_string(), None),
            Err(fault) => {
                let code = fault.dossier().map(DossierCode::to_string);
                (pages, code.unwrap_or_default(), Some(fault))
            }
        };
        let within = match &self.entry.place {
            Place::Files { within, .. } => within.clone(),
            Place::Folder(_) | Place::Nowhere(_) => self.entry.name.clone(),
        };
        let mut labels = self.entry.labels.clone();
        labels.insert(STREAM_LABEL.to_owned(), self.entry.name.clone());
        let files = Vec::new();
        Lot {
            entry: Entry {
                name: format!("{}/{name}", self.entry.name),
                code,
                place: Place::Files { within, files },
                is_stream: false,
                labels,
                containers: self.entry.containers.clone(),
                scratch: self.entry.scratch.clone(),
            },
            fault,
            survey: Some(self.part(&piece.pages)),
        }
    }

    /// The survey of some of the stream's pages; the first piece tells what was passed over.
    fn part(&self, pages: &std::ops::Range<usize>) -> Survey {
        let places = &self.places[pages.clone()];
        let part = |places: &[(usize, u32)]| {
            let (file, first) = places[0];
            self.survey.files[file].part(first..first + places.len() as u32)
        };
        let ignored = match pages.start {
            0 => self.survey.ignored.clone(),
            _ => Vec::new(),
        };
        let files = places.chunk_by(|l, r| l.0 == r.0).map(part).collect();
        self.survey.part(files, ignored)
    }
}

fn code_in(description: &Description) -> Option<DossierCode> {
    description.fields.get("ma_ho_so")?.value.parse().ok()
}

/// A code of a stream that stands elsewhere in the drop too is set aside at both places, like
/// one that two folders bear: only a person can tell.
fn refuse_codes_borne_elsewhere(lots: &mut [Lot]) {
    let sound: Vec<usize> = (0..lots.len())
        .filter(|&at| lots[at].fault.is_none())
        .collect();
    for (at, other) in intake::borne_twice(sound.iter().map(|&at| &lots[at].entry)) {
        let other = lots[sound[other]].entry.name.clone();
        let lot = &mut lots[sound[at]];
        let file = lot.entry.name.clone();
        let fault = IntakeFault::CodeTwice { file, other };
        match &mut lot.survey {
            Some(survey) => survey.faults.push((lot.entry.name.clone(), fault)),
            None => lot.entry.place = Place::Nowhere(fault),
        }
    }
}
