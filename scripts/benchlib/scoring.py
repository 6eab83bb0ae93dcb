"""Character errors of a page's text against the truth, whatever the order of the lines.

Readers of two-column letterheads disagree about order without being wrong, so each true line is
looked for anywhere in the page, the surest first, and what it matched is taken away. What no true
line claimed was invented; what no place was found for was missed.

Sure is what has many letters and few to change: a long line goes before a short one that begins it,
and the cells of a table go last, to words that are left whole.
"""

import heapq
import re
import unicodedata
from dataclasses import dataclass

# A true line counts as missed when more than half of it would have to be changed.
MISSED_ABOVE = 0.5
# A letter to change takes away the sureness of so many letters.
LETTERS_A_CHANGE = 3

SHAPES = str.maketrans({
    **dict.fromkeys("“”„‟«»‘’‚‛`´′″", '"'), "'": '"',
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("|¦", " "),
    "…": "...",
})
LEADERS = re.compile(r"(?:[.·•_]\s?){3,}")


@dataclass
class Score:
    """Sums over pages; lengths and distances in characters after `plain`."""

    truth_chars: int = 0
    errors: int = 0
    errors_without_marks: int = 0
    lines: int = 0
    lines_missed: int = 0
    invented_chars: int = 0

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def share(self, count):
        return count / self.truth_chars if self.truth_chars else 0.0


def plain(text):
    """NFC, with the shapes of quotes and dashes made one, dot leaders and rules taken out."""
    text = unicodedata.normalize("NFC", text).translate(SHAPES)
    return " ".join(LEADERS.sub(" ", text).split())


def without_marks(text):
    """Vietnamese without tone and vowel marks: how much of the error is marks alone."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in bare if not unicodedata.combining(char))


def score_page(truth_lines, read_text):
    """The Score of one page."""
    lines = [line for line in map(plain, truth_lines) if line]
    text = plain(read_text)
    score = Score(truth_chars=sum(map(len, lines)), lines=len(lines))
    free = [(0, len(text))]
    waiting = []

    def look_for(number):
        place = surest_place(lines[number], text, free)
        if place:
            changes, start, end = place
            unsure = LETTERS_A_CHANGE * changes - len(lines[number])
            heapq.heappush(waiting, (unsure, start, end, number))
        else:
            score.lines_missed += 1
            score.errors += len(lines[number])
            score.errors_without_marks += len(lines[number])

    for number in range(len(lines)):
        look_for(number)
    while waiting:
        _, start, end, number = heapq.heappop(waiting)
        if not any(low <= start and end <= high for low, high in free):
            # A surer line took part of it meanwhile: look again in what is left.
            look_for(number)
            continue
        free = take(free, start, end)
        line, found = lines[number], text[start:end]
        score.errors += distance(line, found)
        score.errors_without_marks += distance(without_marks(line), without_marks(found))
    score.invented_chars = sum(len(text[low:high].replace(" ", "")) for low, high in free)
    return score


def take(free, start, end):
    """The free stretches without [start, end)."""
    cut = [part for low, high in free
           for part in ((low, min(high, start)), (max(low, end), high))]
    return sorted({(low, high) for low, high in cut if low < high})


def surest_place(line, text, free):
    """(letters to change, start, end) of its nearest stretch in the free text; None where all are too far.

    Of equals the first that begins and ends with words, else the first.
    """
    best = None
    for low, high in free:
        changes, ends = nearest_ends(line, text[low:high])
        if changes > MISSED_ABOVE * len(line):
            continue
        for end in ends:
            start = low + farthest_start(line, text[low:low + end], changes)
            place = (changes, cuts_a_word(text, start, low + end), start, low + end)
            if best is None or place[:2] < best[:2]:
                best = place
    return best and (best[0], *best[2:])


def cuts_a_word(text, start, end):
    """True where a word goes on before or behind the stretch."""
    inside = " " not in text[start - 1:start + 1] if 0 < start < len(text) else False
    return inside or (0 < end < len(text) and " " not in text[end - 1:end + 1])


def nearest_ends(pattern, text):
    """(distance, ends) of the stretches of `text` nearest to `pattern`, from left to right."""
    least, ends = len(pattern), []
    for end, changes in enumerate(distances(pattern, text, anchored=False), 1):
        if changes < least:
            least, ends = changes, []
        if changes == least:
            ends.append(end)
    return least, ends


def farthest_start(pattern, text, changes):
    """Where the longest stretch begins that ends with `text` and is `changes` away from `pattern`."""
    backwards = text[::-1][:2 * len(pattern) + 1]
    length = 0
    for taken, found in enumerate(distances(pattern[::-1], backwards, anchored=True), 1):
        if found == changes:
            length = taken
    return len(text) - length


def distance(one, other):
    """Edit distance (Levenshtein)."""
    if not one or not other:
        return max(len(one), len(other))
    *_, last = distances(one, other, anchored=True)
    return last


def distances(pattern, text, anchored):
    """After each character of `text`, the distance of `pattern` to the stretch that ends there.

    Anchored stretches begin at the text's first character, others anywhere. Myers' bit-parallel
    scheme (J. ACM 46, 1999) with Python's long integers: a page costs milliseconds a line.
    """
    positions = {}
    for number, char in enumerate(pattern):
        positions[char] = positions.get(char, 0) | 1 << number
    mask, last = (1 << len(pattern)) - 1, 1 << (len(pattern) - 1)
    rises, falls, changes = mask, 0, len(pattern)
    for char in text:
        equal = positions.get(char, 0)
        across = (((equal & rises) + rises) ^ rises) | equal
        up = falls | (~(across | rises) & mask)
        down = rises & across
        changes += bool(up & last) - bool(down & last)
        up, down = (up << 1 | anchored) & mask, (down << 1) & mask
        beside = equal | falls
        rises, falls = down | (~(beside | up) & mask), up & beside
        yield changes
