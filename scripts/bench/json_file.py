"""JSON of others: what is not as it should be becomes one line that says where."""
import json
import math
import os
import typing
from dataclasses import fields, is_dataclass
from enum import Enum

from bench.command import Failure


def without_duplicates(pairs):
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name is given twice in an object")
    return names


def read(path):
    """The object that a regular file holds. NaN passes: decode() refuses it."""
    if not os.path.isfile(path):  # a FIFO would block
        raise Failure(f"{path}: there is no such file")
    with open(path, "rb") as file:
        data = file.read()
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=without_duplicates)
    except UnicodeDecodeError as error:
        raise Failure(f"{path}: not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise Failure(f"{path}: not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise Failure(f"{path}: not a JSON object")
    return value


def finite(value):
    """As a float; None for what is no number, or not finite."""
    if type(value) not in (int, float):  # a bool is an int too
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_duration(seconds):
    """Whether something can have taken so long; ratios of such times are finite."""
    return 1e-15 < seconds < 1e15


def is_text(value):
    """Whether it can be written as UTF-8: JSON can spell half a surrogate pair."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def decode(kind, value, where):
    """`value` as a dataclass, enumeration, list, Optional, float, int, bool or str."""
    if is_dataclass(kind):
        return decode_object(kind, value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        return None if value is None else decode(arguments[0], value, where)
    if origin is list:
        if not isinstance(value, list):
            raise Failure(f"{where}: not a list")
        return [decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    return decode_scalar(kind, value, where)


def decode_object(kind, value, where):
    """Its keys are the fields of the dataclass, all and no others."""
    if not isinstance(value, dict):
        raise Failure(f"{where}: not an object")
    names = [field.name for field in fields(kind)]
    for name in names:
        if name not in value:
            raise Failure(f"{where}: {name!r} is missing")
    for name in value:
        if name not in names:
            raise Failure(f"{where}: unknown name {name[:40]!r}")
    return kind(**{field.name: decode(field.type, value[field.name], f"{where}.{field.name}")
                   for field in fields(kind)})


def decode_scalar(kind, value, where):
    if kind is float:
        number = finite(value)
        if number is None:
            raise Failure(f"{where}: not a finite number")
        return number
    if kind is str:
        if not is_text(value):
            raise Failure(f"{where}: not a text")
        return value
    if issubclass(kind, Enum):
        choices = [choice.value for choice in kind]
        if value not in choices:
            raise Failure(f"{where}: not one of {', '.join(choices)}")
        return kind(value)
    if type(value) is not kind:
        raise Failure(f"{where}: not {'an integer' if kind is int else 'true or false'}")
    return value
