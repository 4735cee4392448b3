"""Include guards are the path; the library neither prints nor exits; no
arithmetic that breaks determinism is asked for."""
import pathlib
import re
import sys

OUTPUT = re.compile(
    r"\bstd::(cout|cerr|clog)\b|<iostream>|\b(std(out|err)|STD(OUT|ERR)_FILENO)\b"
    r"|\b(v?f?printf|puts|putchar|perror|fmt::print|abort|(quick|_)?_?exit|terminate)\s*\(")
FORBIDDEN = re.compile(
    r"ffast-math|funsafe-math|Ofast|parallel_reduce|static_partitioner|\.combine\(")


def guard_of(path, root):
    relative = path.relative_to(root / ("include" if "include" in path.parts else "src"))
    return re.sub(r"[^A-Z0-9]", "_", ("microgpt/" if relative.parts[0] != "microgpt" else "")
                  .upper() + str(relative).upper()) + "_"


def check_header(path, root):
    text = path.read_text(encoding="utf-8")
    if path.name.endswith("-inl.h"):
        return [] if "HWY_TARGET_TOGGLE" in text else [f"{path}: no per-target guard"]
    guard = guard_of(path, root)
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        return [f"{path}: include guard should be {guard}"]
    return []


def check_source(path, root):
    problems = []
    library = "cli" not in path.relative_to(root).parts
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = line.split("//")[0]
        if library and OUTPUT.search(code):
            problems.append(f"{path}:{number}: the library prints or exits")
        if FORBIDDEN.search(code):
            problems.append(f"{path}:{number}: not deterministic")
    return problems


def main(root):
    root = pathlib.Path(root)
    problems = []
    for folder in ("include", "src"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in {".h", ".cc"}:
                continue
            if path.suffix == ".h":
                problems += check_header(path, root)
            problems += check_source(path, root)
    for path in sorted(root.glob("**/meson.build")):
        if "subprojects" not in path.parts and FORBIDDEN.search(
                path.read_text(encoding="utf-8")):
            problems.append(f"{path}: not deterministic")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
