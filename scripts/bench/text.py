"""Tables and durations for readers."""


def table(heads, rows):
    """Markdown."""
    lines = [line(heads), "|" + "---|" * len(heads), *map(line, rows)]
    return "\n".join(lines) + "\n"


def line(cells):
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def duration(seconds, digits=3):
    """With a unit."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.{digits}g} {unit}"
    return f"{seconds * 1e12:.{digits}g} ps"
