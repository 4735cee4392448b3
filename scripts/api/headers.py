"""Reads the public headers: what they declare, and what their comments say.

No C++ parser: it relies on the layout that clang-format gives, one declaration
after the other, comments above them, bodies of functions short."""
import pathlib
import re

EXPORT = "MICROGPT_EXPORT "
TYPE = re.compile(r"(?:enum class|class|struct) (?:MICROGPT_\w+ )?(\w+)")
FORWARD = re.compile(r"(?:class|struct) (?:MICROGPT_\w+ )?\w+;$")


class Group:
    """A comment and the declarations right below it."""

    def __init__(self, comment, line):
        self.comment = comment       # lines without "//"
        self.line = line             # of the first declaration, from 1
        self.declarations = []       # texts, bodies of functions included


class Header:
    """A public header: `name` is "trainer.h"."""

    def __init__(self, path):
        lines = path.read_text(encoding="utf-8").splitlines()
        self.name = path.name
        self.introduction = []
        while lines[len(self.introduction)].startswith("//"):
            self.introduction.append(uncommented(lines[len(self.introduction)]))
        begin = [i for i, line in enumerate(lines) if line == "namespace microgpt {"]
        end = [i for i, line in enumerate(lines) if line == "}  // namespace microgpt"]
        # export.h has no namespace, its macros are for the other headers.
        self.groups = groups_of(lines[begin[0] + 1:end[0]], begin[0] + 2) if begin else []


def read_headers(root):
    folder = pathlib.Path(root) / "include" / "microgpt"
    return [Header(path) for path in sorted(folder.glob("*.h"))]


def uncommented(line):
    return re.sub(r"^\s*// ?", "", line)


def without_comment(line):
    return line.split("//")[0].rstrip()


def is_complete(lines):
    """Whether lines of code are a whole declaration."""
    code = "\n".join(without_comment(line) for line in lines)
    if any(code.count(a) != code.count(b) for a, b in ("()", "{}")):
        return False
    return code.endswith((";", "}"))


def groups_of(lines, first_line):
    """The groups in the lines of a namespace or of a class."""
    groups, comment, group, pending = [], [], None, []
    for number, line in enumerate(lines, first_line):
        if not pending and line.strip().startswith("//"):
            comment.append(uncommented(line))
            group = None
        elif not pending and not line.strip():
            comment, group = [], None
        else:
            if not pending and group is None:
                group = Group(comment, number)
                comment = []
            pending.append(line)
            if is_complete(pending):
                text = "\n".join(pending)
                if not FORWARD.match(text.strip()):
                    group.declarations.append(text)
                pending = []
                if group.declarations and group not in groups:
                    groups.append(group)
    if pending:
        raise ValueError("not a declaration: " + "\n".join(pending))
    return groups


def type_name(declaration):
    """The name of the class, struct or enum that is declared, or None."""
    found = TYPE.match(declaration.strip())
    return found[1] if found else None


def is_class(declaration):
    return declaration.strip().startswith("class ")


def is_function(declaration):
    head = declaration.strip().split("(")[0]
    if type_name(head) or head.startswith("using ") or "(" not in declaration:
        return False
    return "=" not in head or "operator" in head


def function_name(declaration):
    """The name before the parameters: "Step", "operator==", "~Trainer"."""
    head = declaration[:declaration.index("(")]
    return re.search(r"(operator\S+|~?\w+)$", head)[1]


def signature(declaration):
    """A function without export mark, initialisers and body."""
    text = declaration.replace(EXPORT, "")
    depth, end = 0, len(text)
    for i, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        # A body, or initialisers of members.
        if depth == 0 and (char == "{" or re.match(r" : |\n\s+: ", text[i:])):
            end = i
            break
    return text[:end].rstrip().rstrip(";") + ";"


def has_body(declaration):
    return signature(declaration) != declaration.replace(EXPORT, "") or \
        declaration.rstrip().endswith(("= default;", "= delete;"))


def public_groups(group):
    """The groups in the public part of a class."""
    lines = group.declarations[0].splitlines()
    first = next(i for i, line in enumerate(lines) if line.strip() == "public:") + 1
    last = next((i for i in range(first, len(lines)) if line_ends_public(lines[i])),
                len(lines) - 1)
    return groups_of(lines[first:last], group.line + first)


def line_ends_public(line):
    return line.strip() in ("private:", "protected:")
