"""What a person and what a program reads of the measurement: a Markdown table and one JSON."""

HEAD = ("| program | pages/min | CPU s/page | wall s | peak MiB | MB/page "
        "| CER | without marks | lines missed | invented |")
RULE = "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"


def markdown(result):
    """The table, under it what it was measured on."""
    lines = [HEAD, RULE, *(row(one, result["pages"]) for one in result["programs"])]
    machine = result["machine"]
    lines += [
        "",
        f"{result['pages']} pages in {result['dossiers']} dossiers from `{result['folder']}`, "
        f"{result['rounds']} round(s) in alternating order, medians; {machine['cores']} cores "
        f"({machine['processor']}), load before: {machine['load_before']:.2f}; {result['date']}.",
        "Versions: " + "; ".join(sorted({one["version"] for one in result["programs"]})) + ".",
        "CER: order-free, dot leaders, bars, quotes and dashes made one shape, missed lines counted whole; "
        "invented: characters no true line claims, over true characters. MB/page: PDFs (tesseract: text).",
        *by_group(result),
    ]
    return "\n".join(lines)


def row(one, pages):
    return (f"| {one['name']} | {60 * pages / one['wall_s']:.1f} | {one['cpu_s'] / pages:.2f} "
            f"| {one['wall_s']:.1f} | {one['peak_mib']:.0f} | {one['output_bytes'] / pages / 1e6:.3f} "
            f"| {one['cer']:.2%} | {one['cer_without_marks']:.2%} "
            f"| {one['lines_missed']} of {one['lines']} | {one['invented']:.2%} |")


def by_group(result):
    """CER of each make of paper and of each way of scanning, where the truth names them."""
    if not result["groups"]:
        return []
    programs = result["programs"]
    names = " | ".join(one["name"] for one in programs)

    def row_of(group, pages):
        shares = " | ".join(f"{one['cer_by_group'][group]:.2%}" for one in programs)
        return f"| {group} | {pages} | {shares} |"

    return [
        "", f"| CER of | pages | {names} |", f"|---|--:|{'--:|' * len(programs)}",
        *(row_of(group, pages) for group, pages in result["groups"].items()),
    ]
