"""Seeds of the reader of token files, see make_seeds.py."""
import struct

NARROW, WIDE = 20240520, 20240801


def narrow(*ids):
    return struct.pack(f"<{len(ids)}H", *ids)


def wide(*ids):
    return struct.pack(f"<{len(ids)}I", *ids)


def headed(magic, version, count, ids):
    return struct.pack("<3i", magic, version, count).ljust(1024, b"\0") + ids


def tokens(_):
    yield "valid_plain", narrow(1, 2, 3, 0, 50256)
    yield "valid_two", narrow(7, 7)
    yield "valid_zeros", bytes(2048)
    yield "valid_other_magic", headed(20240, 1, 3, narrow(1, 2, 3))
    yield "valid_headed", headed(NARROW, 1, 4, narrow(1, 2, 3, 50256))
    yield "valid_rest_of_header", (headed(NARROW, 1, 2, b"")[:12].ljust(1024, b"\xff")
                                   + narrow(5, 6))
    yield "valid_wide", headed(WIDE, 7, 4, wide(1, 2, 3, 50256))
    yield "hostile_empty", b""
    yield "hostile_byte", b"\1"
    yield "hostile_one", narrow(1)
    yield "hostile_odd", narrow(1, 2, 3) + b"\0"
    yield "hostile_id", narrow(1, 2, 50257)
    yield "hostile_headed_id", headed(NARROW, 1, 3, narrow(1, 65535, 2))
    yield "hostile_wide_id", headed(WIDE, 7, 3, wide(1, 50257, 2))
    yield "hostile_wide_id_2_31", headed(WIDE, 7, 2, wide(1, 2 ** 31))
    yield "hostile_wide_id_2_32", headed(WIDE, 7, 2, wide(2 ** 32 - 1, 0))
    yield "hostile_magic_alone", struct.pack("<i", NARROW)
    yield "hostile_cut_header", headed(WIDE, 7, 2, b"")[:1023]
    yield "hostile_no_ids", headed(NARROW, 1, 0, b"")
    yield "hostile_one_id", headed(NARROW, 1, 1, narrow(1))
    yield "hostile_version", headed(NARROW, 7, 2, narrow(1, 2))
    yield "hostile_wide_version", headed(WIDE, 1, 2, wide(1, 2))
    yield "hostile_version_negative", headed(WIDE, -7, 2, wide(1, 2))
    yield "hostile_more", headed(NARROW, 1, 3, narrow(1, 2))
    yield "hostile_fewer", headed(NARROW, 1, 2, narrow(1, 2, 3))
    yield "hostile_half_id", headed(WIDE, 7, 2, wide(1, 2) + b"\0\0")
    yield "hostile_wrong_width", headed(WIDE, 7, 4, narrow(1, 2, 3, 4))
    yield "hostile_count_negative", headed(NARROW, 1, -2, narrow(1, 2))
    yield "hostile_count_huge", headed(NARROW, 1, 2 ** 31 - 1, narrow(1, 2))
