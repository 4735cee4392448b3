"""Every file includes only what stands above it in the list of layers, and the
big dependencies stay in their rooms."""
import pathlib
import re
import sys

LAYERS = ["base", "kernels", "data", "model", "optim", "checkpoint", "train",
          "generate", "bench"]
# Header prefix -> folders of src/ that may include it.
ROOMS = {
    "hwy/": {"kernels"},
    "oneapi/": {"train", "generate"},
    "tbb/": {"train", "generate"},
    "CLI/": {"cli"},
    "nlohmann/": {"checkpoint", "cli"},
    "xxhash": {"base"},
    "utf8": {"data"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def allowed_layers(layer):
    if layer == "cli":
        return {"cli"}
    return set(LAYERS[:LAYERS.index(layer) + 1])


def problems_of(path, layer):
    for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
        for prefix, rooms in ROOMS.items():
            if include.startswith(prefix) and layer not in rooms:
                yield f"{path}: <{include}> belongs into {sorted(rooms)} only"
        target = include.split("/")[0]
        if "/" in include and target in LAYERS + ["cli"]:
            if layer == "include" or target not in allowed_layers(layer):
                yield f"{path}: {layer} must not include {include}"


def main(root):
    root = pathlib.Path(root)
    problems = []
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in {".h", ".cc"}:
            layer = path.relative_to(root / "src").parts[0]
            if layer not in LAYERS + ["cli"]:
                problems.append(f"{path}: no layer of that name")
            else:
                problems += problems_of(path, layer)
    for path in sorted((root / "include").rglob("*.h")):
        problems += problems_of(path, "include")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
