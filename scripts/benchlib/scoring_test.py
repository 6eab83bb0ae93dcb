"""The scoring is a judge: it is judged here."""

import random
import unittest

from benchlib.scoring import distance, nearest_ends, plain, score_page, without_marks

LINES = ["ỦY BAN NHÂN DÂN XÃ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 12/QĐ-UBND", "Điều 1. Cho phép"]


def slow_distance(one, other):
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


class Scoring(unittest.TestCase):
    def test_distance_equals_the_textbook_table(self):
        dice = random.Random(7)
        for _ in range(300):
            one, other = ("".join(dice.choices("abđ ", k=dice.randrange(1, 90))) for _ in "12")
            self.assertEqual(distance(one, other), slow_distance(one, other))

    def test_nearest_stretch_is_the_best_of_all_stretches(self):
        dice = random.Random(8)
        for _ in range(60):
            pattern, text = "".join(dice.choices("abc", k=6)), "".join(dice.choices("abc", k=20))
            best = min(slow_distance(pattern, text[i:j]) for i in range(20) for j in range(i, 21))
            least, ends = nearest_ends(pattern, text)
            self.assertEqual(least, best)
            nearest = {j for i in range(20) for j in range(i + 1, 21) if slow_distance(pattern, text[i:j]) == best}
            self.assertEqual(ends, sorted(nearest) if best < len(pattern) else ends)

    def test_perfect_text_has_no_error_in_any_order(self):
        for text in ("\n".join(LINES), " ".join(reversed(LINES))):
            score = score_page(LINES, text)
            self.assertEqual((score.errors, score.lines_missed, score.invented_chars), (0, 0, 0))

    def test_a_wrong_mark_is_an_error_with_marks_only(self):
        score = score_page(["Điều khoản thi hành"], "Điêu khoản thi hành")
        self.assertEqual((score.errors, score.errors_without_marks), (1, 0))

    def test_a_lost_line_is_missed_with_its_whole_length(self):
        score = score_page(LINES, "\n".join(LINES[:3]))
        self.assertEqual((score.lines_missed, score.errors), (1, len(LINES[3])))

    def test_text_without_truth_is_invented(self):
        score = score_page(LINES, "\n".join([*LINES, "rác rác"]))
        self.assertEqual((score.errors, score.invented_chars), (0, 6))
        self.assertEqual(score_page([], "~ .").invented_chars, 2)

    def test_a_line_read_once_serves_only_one_of_two_equal_lines(self):
        score = score_page(["Kính gửi: Sở", "Kính gửi: Sở"], "Kính gửi: Sở")
        self.assertEqual((score.lines_missed, score.errors), (1, 12))

    def test_a_long_line_goes_before_a_short_one_that_begins_it(self):
        lines = ["BÊN ỦY QUYỀN", "BÊN ỦY QUYỀN: Ông Lê Văn Giả Định, sinh năm 1970"]
        score = score_page(lines, f"{lines[1][:-1]}6\n{lines[0]}")
        self.assertEqual((score.errors, score.lines_missed, score.invented_chars), (1, 0, 0))

    def test_a_cell_takes_no_digit_out_of_another(self):
        score = score_page(["1", "412,5", "2"], "412,5 2 1")
        self.assertEqual((score.errors, score.lines_missed, score.invented_chars), (0, 0, 0))

    def test_leaders_bars_quotes_and_dashes_have_one_shape(self):
        self.assertEqual(plain("Họ tên: .......... | “A” – B……"), 'Họ tên: "A" - B')
        self.assertEqual(without_marks("Đường số ẵ"), "Duong so a")


if __name__ == "__main__":
    unittest.main()
