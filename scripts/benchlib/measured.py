"""Runs a command and says what it cost, with all processes that it started."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MEMORY_LOOK_EVERY_S = 0.2


@dataclass
class Cost:
    wall_s: float
    cpu_s: float
    peak_mib: float


class Failed(Exception):
    """The command ended with a code that is not among those expected."""


def run(command, log, environment=None, codes=(0,)):
    """The Cost of `command`; its output goes to the file `log`."""
    with open(log, "wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(environment or {})}, start_new_session=True)
        memory = MemoryWatch(process.pid)
        # The usage of a waited-for child holds that of all its own waited-for children.
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    peak_mib = memory.stop()
    if process.returncode not in codes:
        raise Failed(f"{' '.join(map(str, command[:3]))} … ended with {process.returncode}; see {log}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, peak_mib)


class MemoryWatch:
    """Highest sum of the proportional set sizes of a session's processes, looked at from time to time.

    Proportional, so that a page shared by two processes is not counted twice.
    """

    def __init__(self, session):
        self.session = session
        self.peak_kib = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(MEMORY_LOOK_EVERY_S):
            self.peak_kib = max(self.peak_kib, sum(map(resident_kib, self.members())))

    def members(self):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                # Fields after the name: state, parent, process group, session.
                if int(fields[3]) == self.session:
                    yield entry

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.peak_kib / 1024


def resident_kib(process):
    try:
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # It ended meanwhile.
    return 0
