"""Seeds of the readers of state.json, config.json and vocab.json, see
make_seeds.py."""


def replaced(text, old, new):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def state(generation):
    text = (generation / "state.json").read_text(encoding="utf-8")
    yield "valid_state", text
    yield "valid_dense", "".join(text.split("\n"))
    yield "valid_whole_numbers", replaced(text, '"learning_rate": 0.01', '"learning_rate": 1')
    yield "valid_minus_0", replaced(text, '"learning_rate": 0.01', '"learning_rate": -0.0')
    yield "valid_escapes", replaced(text, '"input": ""',
                                    '"input": "\\u0000\\n\\\\\\"\\ud83d\\ude00é"')
    yield "valid_large", replaced(replaced(text, '"seed": 42', '"seed": 18446744073709551615'),
                                  '"save_every": 0', '"save_every": 1000000000000')
    yield "valid_exponents", replaced(replaced(text, '"beta1": 0.9', '"beta1": 9.5E-1'),
                                      '"init_std": 0.02', '"init_std": 4.9e-324')
    for name, (old, new) in {
            "seed_2_64": ('"seed": 42', '"seed": 18446744073709551616'),
            "seed_negative": ('"seed": 42', '"seed": -1'),
            "seed_real": ('"seed": 42', '"seed": 42.0'),
            "seed_text": ('"seed": 42', '"seed": "42"'),
            "heads": ('"n_head": 1', '"n_head": 3'),
            "heads_0": ('"n_head": 1', '"n_head": 0'),
            "vocabulary_0": ('"vocab_size": 27', '"vocab_size": 0'),
            "vocabulary_2_31": ('"vocab_size": 27', '"vocab_size": 2147483648'),
            "layers_2_64": ('"n_layer": 1', '"n_layer": 18446744073709551615'),
            "rate_huge": ('"learning_rate": 0.01', '"learning_rate": 1e999'),
            "rate_nan": ('"learning_rate": 0.01', '"learning_rate": NaN'),
            "rate_null": ('"learning_rate": 0.01', '"learning_rate": null'),
            "beta_1": ('"beta1": 0.9', '"beta1": 1'),
            "activation": ('"relu2"', '"gelu"'),
            "shuffle": ('"shuffle": true', '"shuffle": 1'),
            "schedule": ('"linear"', '"exponential"'),
            "warmup_negative": ('"warmup_steps": 0', '"warmup_steps": -1'),
            "min_lr": ('"min_lr": 0', '"min_lr": 0.5'),
            "doc_mode": ('"lines"', '"pages"'),
            "long_docs": ('"truncate"', '"drop"'),
            "val_split": ('"val_split": 0', '"val_split": 1'),
            "accum_0": ('"grad_accum": 1', '"grad_accum": 0'),
            "accum_huge": ('"grad_accum": 1', '"grad_accum": 1048577'),
            "patience": ('"early_stop_patience": 0', '"early_stop_patience": 1'),
            "validations": ('"count": 0', '"count": 4'),
            "since_best": ('"since_best": 0', '"since_best": 1'),
            "val_fingerprint": ('"fingerprint": ""', '"fingerprint": "00"'),
            "step_beyond": ('"step": 3', '"step": 4'),
            "step_negative": ('"step": 3', '"step": -3'),
            "cursor": ('"cursor": ', '"cursor": 99999'),
            "no_documents": ('"num_documents": ', '"num_documents": 0, "other": '),
            "random_case": ('"random": [\n      "', '"random": [\n      "G'),
            "random_five": ('"random": [', '"random": ["0000000000000000",'),
            "losses_number": ('"recent_losses": [', '"recent_losses": ["1",'),
            "losses_none": ('"recent_losses": [', '"recent_losses": [], "more": ['),
            "format": ('"format": 2', '"format": 1'),
            "format_missing": ('"format": 2,', ''),
            "version_number": ('"program_version": "', '"program_version": 1, "a": "'),
            "field_twice": ('"format": 2', '"format": 2, "format": 2'),
            "field_twice_inside": ('"seed": 42', '"seed": 42, "seed": 42'),
            "unknown_field": ('"format": 2', '"format": 2, "\\u001b[31m": 1'),
            "unknown_field_inside": ('"seed": 42', '"seed": 42, "other": {}'),
            "config_array": ('"config": {', '"config": [], "other": {'),
            "digest_case": ('"digest": "', '"digest": "A'),
            "files_bytes": ('"bytes": ', '"bytes": 18446744073709551615, "size": '),
            "file_name": ('"vocab.json"', '"../vocab.json"'),
            "surrogate": ('"input": "', '"input": "\\ud800'),
            "control": ('"input": "', '"input": "\n'),
            "comment": ('{', '{ /* */'),
            "nested": ('"seed": 42', '"seed": ' + '[' * 500),
    }.items():
        yield "hostile_" + name, replaced(text, old, new)
    checked = text.rindex('"xxh3"')
    yield "hostile_no_checksum", text[:checked].rstrip().rstrip(",") + "\n}\n"
    yield "hostile_cut", text[:len(text) // 2]
    yield "hostile_rest", text + "{}"
    yield "hostile_nul", text.encode() + b"\0"
    yield "hostile_not_utf8", replaced(text.encode(), b'"input": "', b'"input": "\xff')
    yield "hostile_empty", ""


def config(generation):
    text = (generation / "config.json").read_text(encoding="utf-8")
    yield "valid_config", text
    yield "valid_more", replaced(text, "{", '{"transformers_version": [null, {"a": [true]}],')
    yield "valid_real", replaced(text, '"n_embd": 2', '"n_embd": 2.0')
    large = text
    for old, new in (('"vocab_size": 27', '"vocab_size": 1114112'),
                     ('"n_embd": 2', '"n_embd": 1048576'), ('"n_inner": 8', '"n_inner": 4194304'),
                     ('"relu2"', '"relu"'), ('0.02', '1e-300')):
        large = replaced(large, old, new)
    yield "valid_large", large
    for name, (old, new) in {
            "type": ('"microgpt"', '"gpt2"'),
            "type_number": ('"microgpt"', '1'),
            "type_long": ('"microgpt"', '"' + "é\\n" * 100 + '"'),
            "type_object": ('"microgpt"', '{"a": {"b": [1, 2, 3]}}'),
            "width": ('"n_embd": 2', '"n_embd": 3'),
            "width_text": ('"n_embd": 2', '"n_embd": "2"'),
            "width_wraps": ('"n_embd": 2', '"n_embd": 4294967298'),
            "width_2_64": ('"n_embd": 2', '"n_embd": 18446744073709551618'),
            "heads_missing": ('"n_head": 1,', ''),
            "width_twice": ('"n_embd": 2', '"n_embd": 2, "n_embd": 2'),
            "range": ('0.02', '0.020000000000000004'),
            "range_huge": ('0.02', '1e999'),
            "tied": ('false', 'true'),
            "tied_null": ('false', 'null'),
            "comma": ('"n_head": 1,', '"n_head": 1,,'),
            "nested": ('"n_head": 1', '"n_head": ' + '[' * 500),
            "nested_objects": ('"n_head": 1', '"n_head": ' + '{"a":' * 200),
            "surrogate": ('"microgpt"', '"\\udfff"'),
    }.items():
        yield "hostile_" + name, replaced(text, old, new)
    yield "hostile_cut", text[:-3]
    yield "hostile_rest", text + "x"
    yield "hostile_array", "[" + text + "]"
    yield "hostile_number", "0"
    yield "hostile_nul", text.encode() + b"\0" + text.encode()
    yield "hostile_not_utf8", replaced(text.encode(), b"microgpt", b"micro\xc0\x80gpt")
    yield "hostile_empty", ""


def vocab(generation):
    text = (generation / "vocab.json").read_text(encoding="utf-8")
    yield "valid_vocab", text
    yield "valid_bos", '{"<bos>": 0}'
    yield "valid_dense", '{"<bos>":0,"a":1,"b":2}'
    yield "valid_escapes", ('{"<bos>": 0, "\\u0000": 1, "\\n": 2, "\\"": 3, "\\\\": 4, '
                            '"\\u007f": 5, "\u20ac": 6, "\\uffff": 7, "\\ud83d\\ude00": 8, '
                            '"\U0010ffff": 9}')
    yield "valid_ids", '{\n  "<ids>": 50257\n}\n'
    yield "valid_ids_most", '{"<ids>":2147483647}'
    yield "valid_all_ascii", '{"<bos>": 0%s}' % "".join(
        ', "\\u%04x": %d' % (i, i + 1) for i in range(128))
    for name, bad in {
            "order": '{"<bos>": 0, "b": 1, "a": 2}',
            "twice": '{"<bos>": 0, "a": 1, "a": 2}',
            "same_id": '{"<bos>": 0, "a": 1, "b": 1}',
            "gap": '{"<bos>": 0, "a": 2}',
            "from_1": '{"<bos>": 1, "a": 2}',
            "no_bos": '{"a": 0, "b": 1}',
            "bos_twice": '{"<bos>": 0, "<bos>": 1}',
            "two_characters": '{"<bos>": 0, "ab": 1}',
            "combined": '{"<bos>": 0, "e\u0301": 1}',
            "no_character": '{"<bos>": 0, "": 1}',
            "long_name": '{"<bos>": 0, "%s": 1}' % ("\\u001b[2J\u00e9" * 100),
            "surrogate": '{"<bos>": 0, "\\ud800": 1}',
            "id_2_64": '{"<bos>": 0, "a": 18446744073709551617}',
            "id_real": '{"<bos>": 0, "a": 1.0}',
            "id_negative": '{"<bos>": 0, "a": -1}',
            "id_minus_0": '{"<bos>": -0}',
            "id_text": '{"<bos>": "0"}',
            "id_null": '{"<bos>": null}',
            "id_true": '{"<bos>": false}',
            "id_array": '{"<bos>": [0]}',
            "id_object": '{"<bos>": {"a": 0}}',
            "no_object": '[0, 1]',
            "number": '0',
            "no_token": '{}',
            "rest": '{"<bos>": 0} {"a": 1}',
            "cut": '{"<bos>": 0, "a": 1',
            "comma": '{"<bos>": 0,}',
            "nested": '{"<bos>": ' + '[' * 500,
            "nested_objects": '{"<bos>":' * 100,
            "empty": '',
            "nul": '{"<bos>": 0}\0',
            "nul_inside": '{"<bos>": 0, "\0": 1}',
            "newline": '{"<bos>": 0, "\n": 1}',
            "ids_0": '{"<ids>": 0}',
            "ids_negative": '{"<ids>": -1}',
            "ids_2_31": '{"<ids>": 2147483648}',
            "ids_real": '{"<ids>": 5.0}',
            "ids_twice": '{"<ids>": 5, "<ids>": 5}',
            "ids_and_token": '{"<ids>": 5, "a": 1}',
            "ids_and_bos": '{"<ids>": 5, "<bos>": 0}',
            "ids_second": '{"<bos>": 0, "<ids>": 5}',
            "ids_nested": '{"<ids>": {"<ids>": 5}}',
            "ids_none": '{"<ids>": ',
    }.items():
        yield "hostile_" + name, bad
    for name, token in {"not_utf8": b"\xff", "overlong": b"\xc1\x81", "cut_utf8": b"\xe2\x82",
                        "utf8_surrogate": b"\xed\xa0\x80", "beyond": b"\xf4\x90\x80\x80"}.items():
        yield "hostile_" + name, b'{"<bos>": 0, "%s": 1}' % token
