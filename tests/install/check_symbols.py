"""The shared library has the symbols that the public headers declare, and no
others."""
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from api import headers  # noqa: E402

# An exception that is caught on the other side is known by these.
ERROR_TYPE = {f"{what} for microgpt::Error" for what in ("typeinfo", "typeinfo name", "vtable")}


def symbols_of(library, nm):
    """Names without parameters: "microgpt::Trainer::Step"."""
    listed = subprocess.run([nm, "-D", "-C", "--defined-only", library], text=True,
                            capture_output=True, check=True).stdout
    return {re.sub(r"\[abi:\w+\]", "", line.split(None, 2)[2]).split("(")[0]
            for line in listed.splitlines()}


def functions_of(groups, prefix):
    """Names of functions that a header declares and does not define."""
    return {prefix + headers.function_name(text) for group in groups
            for text in group.declarations
            if headers.is_function(text) and not headers.has_body(text)}


def body_groups(group):
    """Those of all members of a class or struct, private ones included."""
    lines = [line for line in group.declarations[0].splitlines()[1:-1]
             if not line.strip().endswith((" public:", " private:"))]
    return headers.groups_of(lines, group.line + 1)


def declared(root):
    """What must be exported, and what may be besides."""
    wanted, private = set(), set()
    for header in headers.read_headers(root):
        wanted |= functions_of(header.groups, "microgpt::")
        for group in header.groups:
            name = headers.type_name(group.declarations[0])
            if name is None or "{" not in group.declarations[0]:
                continue
            prefix = f"microgpt::{name}::"
            if headers.is_class(group.declarations[0]):
                wanted |= functions_of(headers.public_groups(group), prefix)
                private |= functions_of(body_groups(group), prefix)
            elif not group.declarations[0].startswith("enum"):
                wanted |= functions_of(body_groups(group), prefix)
    return wanted, private - wanted


def main(root, library, nm):
    found = symbols_of(library, nm)
    wanted, private = declared(root)
    problems = [f"not exported, is MICROGPT_EXPORT missing? {name}"
                for name in sorted(wanted - found)]
    problems += [f"exported, but no header declares it: {name}"
                 for name in sorted(found - wanted - private - ERROR_TYPE)]
    problems += [f"not exported: {name}" for name in sorted(ERROR_TYPE - found)]
    print("\n".join(problems))
    return 1 if problems or len(wanted) < 50 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
