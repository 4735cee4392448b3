"""Only meson.build states the version; everything else asks it. Left out is what
says which version it was: changes, and measurements, which have a date."""
import pathlib
import re
import subprocess
import sys

RECORDS = ("CHANGELOG.md", "docs/benchmarks/", "tests/fuzz/seeds/", "subprojects/")
DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")


def files_of(root):
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True,
                                text=True, check=True).stdout
        return [name for name in listed.split("\0") if (root / name).is_file()]
    # A released archive, perhaps with folders of builds in it.
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()
            and not path.relative_to(root).parts[0].startswith(("build", "."))]


def main(root, version):
    root = pathlib.Path(root)
    stated = re.compile(r"(?<![\d.])" + re.escape(version) + r"(?![\d.]*\d)")
    problems, count = [], 0
    for name in sorted(files_of(root)):
        if name.startswith(RECORDS):
            continue
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if not stated.search(line) or DATE.search(line):
                continue
            count += 1
            if name != "meson.build":
                problems.append(f"{name}:{number}: states the version: {line.strip()[:80]}")
    if count - len(problems) != 1:
        problems.append(f"meson.build states {version} {count - len(problems)} times, not once")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
