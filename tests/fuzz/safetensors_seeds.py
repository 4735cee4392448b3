"""Seeds of the reader of safetensors files, see make_seeds.py."""
import struct

# Entries of a header, in the place of which the hostile ones stand.
WTE = b'"wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}'
WPE = b'"wpe":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]}'
LM_HEAD = b'"lm_head":{"dtype":"F32","shape":[1,2],"data_offsets":[20,28]}'
DATA = struct.pack("<7f", *range(1, 8))


def with_header(header, data=DATA, length=None):
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entries(*parts):
    return b"{" + b",".join(parts) + b"}"


def wte(shape=b"[2,1]", offsets=b"[0,8]", dtype=b'"F32"', name=b"wte"):
    return b'"%s":{"dtype":%s,"shape":%s,"data_offsets":%s}' % (name, dtype, shape, offsets)


def safetensors(generation):
    whole = entries(WTE, WPE, LM_HEAD)
    yield "valid_model", (generation / "model.safetensors").read_bytes()
    yield "valid_moments", (generation / "optimizer.safetensors").read_bytes()
    yield "valid_small", with_header(whole)
    yield "valid_none", with_header(b"{}", b"")
    yield "valid_metadata", with_header(entries(
        LM_HEAD, b'"__metadata__":{"format":"pt","\\u00e9":""}', WTE, WPE) + b"   ")
    yield "valid_not_finite", with_header(whole, struct.pack("<2fII3f", 1, 2, 0x7FC00000,
                                                             0xFF800000, 5, 6, 7))
    for name, length in {"max": 2**64 - 1, "max_7": 2**64 - 8, "2_63": 2**63,
                         "2_32": 2**32, "zero": 0, "short": len(whole) - 1,
                         "long": len(whole) + 1, "all": len(whole) + 28}.items():
        yield "hostile_length_" + name, with_header(whole, length=length)
    yield "hostile_empty", b""
    yield "hostile_seven_bytes", b"\x02\0\0\0\0\0\0"
    yield "hostile_cut", with_header(whole)[:-1]
    yield "hostile_rest", with_header(whole) + b"\0"
    for name, entry in {
            "overlap": wte(offsets=b"[8,16]"),
            "hole": wte(offsets=b"[28,36]"),
            "reversed": wte(offsets=b"[8,0]"),
            "wrapping_offsets": wte(offsets=b"[18446744073709551612,4]"),
            "offsets_at_the_end": wte(offsets=b"[18446744073709551607,18446744073709551615]"),
            "offset_2_64": wte(offsets=b"[0,18446744073709551624]"),
            "one_offset": wte(offsets=b"[0]"),
            "no_offsets": wte(offsets=b"[]"),
            "product_wraps": wte(shape=b"[4294967296,4294967296]", offsets=b"[0,0]"),
            "product_wraps_to_8": wte(shape=b"[4611686018427387906,1]"),
            "transposed": wte(shape=b"[1,2]"),
            "one_dimension": wte(shape=b"[2]"),
            "nine_dimensions": wte(shape=b"[2,1,1,1,1,1,1,1,1]"),
            "negative": wte(shape=b"[-2,-1]"),
            "real": wte(shape=b"[2.0,1e0]"),
            "nested_shape": wte(shape=b"[[2],[1]]"),
            "text_in_shape": wte(shape=b'["2",1]'),
            "dtype_f16": wte(dtype=b'"F16"'),
            "dtype_nul": wte(dtype=b'"F32\\u0000"'),
            "dtype_number": wte(dtype=b"32"),
            "dtype_null": wte(dtype=b"null"),
            "field_twice": WTE[:-1] + b',"shape":[2,1]}',
            "unknown_field": WTE[:-1] + b',"x":"y"}',
            "no_field": b'"wte":{}',
            "tensor_twice": WTE + b"," + WTE,
            "other_name": wte(name=b"other"),
            "name_nul": wte(name=b"wte\0"),
            "name_escaped_nul": wte(name=b"wte\\u0000"),
            "name_not_utf8": wte(name=b"wt\xff"),
            "name_cut_utf8": wte(name=b"wt\xc3"),
            "name_surrogate": wte(name=b"\\ud800"),
            "name_newline": wte(name=b"wte\n"),
            "name_long": wte(name=b"\xc3\xa9" * 200),
            "metadata_twice": WTE + b',"__metadata__":{},"__metadata__":{}',
            "metadata_key_twice": WTE + b',"__metadata__":{"a":"","a":""}',
            "metadata_number": WTE + b',"__metadata__":{"a":1}',
            "metadata_text": WTE + b',"__metadata__":"a"',
    }.items():
        yield "hostile_" + name, with_header(entries(entry, WPE, LM_HEAD))
    yield "hostile_missing", with_header(entries(WPE, LM_HEAD))
    yield "hostile_nested", with_header(b'{"wte":{"shape":' + b"[" * 500)
    yield "hostile_nested_objects", with_header(b'{"a":' * 200)
    yield "hostile_nul_after", with_header(whole + b"\0x")
    yield "hostile_space_before", with_header(b" " + whole)
    yield "hostile_array", with_header(b"[" + whole + b"]")
