"""The command behind scripts/bench; see there."""

import argparse
import collections
import datetime
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from . import contenders, measured, pages, scoring, table

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "scripts" / ".tools"
# Above this load before the start, times say more about the neighbours than about the programs.
QUIET_LOAD = 0.5


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as scratch:
        result = measure(options, Path(scratch))
    print(table.markdown(result))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"figures: {options.json}", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures sohoa beside its neighbours.")
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "fixtures",
                        help="pages: images with a JSON of the truth beside each, or a folder like fixtures/")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="at most N pages, spread over all")
    parser.add_argument("--rounds", type=int, default=2, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes or threads")
    parser.add_argument("--dossier-pages", type=int, default=7, metavar="N", help="pages in one dossier")
    parser.add_argument("--only", default="", metavar="WORD", help="only programs with WORD in their name")
    parser.add_argument("--program", type=Path, default=ROOT / "target" / "release" / "sohoa", metavar="FILE")
    parser.add_argument("--json", type=Path, default=ROOT / "target" / "bench" / "beside.json", metavar="FILE")
    return parser.parse_args()


def measure(options, scratch):
    load_before = os.getloadavg()[0]
    if load_before > QUIET_LOAD:
        print(f"warning: load {load_before:.1f} before the start; trust CPU seconds, not wall", file=sys.stderr)
    chosen = pages.evenly(pages.load(options.folder, scratch / "pages"), options.limit)
    if not chosen:
        sys.exit(f"no pages with known text under {options.folder}")
    dossiers = pages.parted(chosen, options.dossier_pages)
    programs = [one for one in all_contenders(options.program, options.jobs) if options.only in one.name]
    rounds = {one.name: [] for one in programs}
    for number in range(options.rounds):
        for one in programs if number % 2 == 0 else reversed(programs):
            rounds[one.name].append(one_round(one, dossiers, scratch / "work", score=number == 0))
    return {
        "date": datetime.date.today().isoformat(), "folder": shown(options.folder),
        "pages": len(chosen), "dossiers": len(dossiers), "rounds": options.rounds,
        "groups": groups(chosen),
        "machine": {"cores": os.cpu_count(), "processor": processor(), "load_before": load_before},
        "programs": [summary(one, rounds[one.name]) for one in programs],
    }


def groups(chosen):
    """How many pages there are of each make, then of each way of scanning."""
    makes, scans = (collections.Counter(filter(None, names))
                    for names in ([page.make for page in chosen], [page.scan for page in chosen]))
    return dict(sorted(makes.items()) + sorted(scans.items()))


def all_contenders(sohoa, jobs):
    pki = ROOT / "target" / "bench" / "pki"
    return [
        contenders.Sohoa(sohoa, pki, 1), contenders.Sohoa(sohoa, pki, jobs),
        contenders.Tesseract(jobs),
        contenders.OcrMyPdf(TOOLS / "ocrmypdf" / "bin" / "ocrmypdf", jobs),
    ]


def one_round(contender, dossiers, work, score):
    """One run in an empty folder; the text is scored once, since every run reads the same."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print(f"{contender.name} …", file=sys.stderr)
    try:
        cost = contender.run(dossiers, work)
    except measured.Failed as failure:
        print((work / "log.txt").read_text("utf-8", "replace")[-2000:], file=sys.stderr)
        sys.exit(str(failure))
    done = {**vars(cost), "output_bytes": sum(file.stat().st_size for file in contender.outputs(work))}
    if score:
        done["scores"] = score_all(contender.texts(dossiers, work), dossiers)
    return done


def score_all(texts, dossiers):
    """The Score of all pages together ("all") and of each make and way of scanning."""
    scores = collections.defaultdict(scoring.Score)
    for dossier in dossiers:
        for page in dossier.pages:
            score = scoring.score_page(page.lines, texts[page.name])
            for group in ["all", *filter(None, (page.make, page.scan))]:
                scores[group].add(score)
    return scores


def summary(contender, rounds):
    scores = rounds[0]["scores"]
    score = scores["all"]
    middle = {key: statistics.median(one[key] for one in rounds)
              for key in ("wall_s", "cpu_s", "peak_mib", "output_bytes")}
    return {
        "name": contender.name, "version": contender.version(), **middle,
        "cer": score.share(score.errors), "cer_without_marks": score.share(score.errors_without_marks),
        "lines": score.lines, "lines_missed": score.lines_missed,
        "invented": score.share(score.invented_chars), "rounds_wall_s": [one["wall_s"] for one in rounds],
        "cer_by_group": {group: one.share(one.errors) for group, one in scores.items()},
    }


def shown(folder):
    """The folder as a reader knows it: below the repository or beside it."""
    return os.path.relpath(folder.resolve(), ROOT)


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"


if __name__ == "__main__":
    main()
