"""Seeds of the readers of corpora and command lines, see make_seeds.py."""


def corpus(_):
    for name, text in {
            "names": "emma\nolivia\nava\n",
            "no_newline": "emma\nava",
            "crlf": "emma\r\nava\r\n",
            "mixed_ends": "a\r\r\nb\rc\n\rd\r",
            "only_cr": "\r",
            "cr_then_crlf": "\r\r\n",
            "cr_unknown": "a\r\nb\rc\nabcabc\nabcabcabc\n",
            "cr_known_late": "a\r\nb\rc\r\na",
            "empty_lines": "\n\n\r\n\na\n\r\n\n",
            "mark": "\ufeffab\nc\n",
            "mark_twice": "\ufeff\ufeffab\n",
            "mark_inside": "a\n\ufeffb\n",
            "mark_unknown": "\ufeffa\nb\n\ufeff\naabb\nab\nab\n",
            "nul": "a\0b\n\0\n",
            "control": "\x01\x02\x1b[31m\x7f\u0085\u2028x\n",
            "unicode": "žluťoučký kůň\n日本語\n😀😀\n\U0010ffff\uffff\n",
            "combined": "e\u0301\u00e9\n",
            "one": "a",
            "spaces": "  a b \n\t\n \n",
            "unknown_early": "xyz\nab\nab\nab\nba\n",
            "half": "abc\nabc\nabc\ncba\n",
            "long_line": "ab" * 1000 + "\nba",
            "many_lines": "a\n" * 500,
            "many_empty": "\n" * 1000 + "a",
            "all_pages": "".join(chr(256 * i) for i in range(1, 200)),
    }.items():
        yield "valid_" + name, text
    for name, text in {
            "empty": b"", "newlines": b"\n\n\r\n", "mark": b"\xef\xbb\xbf",
            "half_mark": b"\xef\xbb",
            "mark_newline": b"\xef\xbb\xbf\r\n", "not_utf8": b"ab\ncd\xff\n", "cut": b"a\xe2\x82",
            "overlong": b"a\n\xc0\x80\n", "overlong_slash": b"\xe0\x80\xaf",
            "surrogate": b"\xed\xa0\x80",
            "beyond": b"\xf4\x90\x80\x80", "continuation": b"ab\x80",
            "utf16": "ab\nc\n".encode("utf-16"),
            "latin1": "é\n".encode("latin-1"), "newline_in_character": b"\xe2\n\x82\xac",
    }.items():
        yield "hostile_" + name, text


def options(_):
    for name, arguments in {
            "none": "", "train": "train", "help": "--help", "help_short": "-h",
            "version": "--version", "help_eval": "eval --help", "help_sample": "sample -h",
            "help_info": "info --help", "help_after": "--n-embd 8 --help",
            "original": "--n-embd 32 --n-layer 2 --block-size 16 --num-steps 1000 --n-head 8 "
                        "--learning-rate 0.02",
            "equals": "--n-embd=32 --n-head=1 --learning-rate=1e-3 --seed=18446744073709551615",
            "rest": "--input x.txt --batch-size 4 -t 2 --activation relu --init-std 0 --beta1 0 "
                    "--beta2 0.5 --adam-eps 1e-30 --no-shuffle --log-every 0 --metrics m.jsonl",
            "samples": "--num-samples 3 --temperature 0 --top-k 5 --top-p 1 --prompt -- --quiet",
            "prompt_empty": "--prompt= --no-color", "prompt_flag": "--prompt=--help",
            "save": "--out-dir out --save-every 5", "resume": "--resume out --allow-changed-data",
            "tokens": "--tokens ids.bin --vocab-size 50257 --val-split 0.1",
            "text": "--doc-mode text --input book.txt", "chunk": "--long-docs chunk",
            "info_tokens": "info --vocab-size 50257 --n-embd 768 --n-head 12",
            "eval_tokens": "eval --checkpoint out --tokens ids.bin",
            "resume_tokens": "--resume out --tokens ids.bin",
            "init": "train --init-from model.safetensors --simd avx2",
            "sample": "sample --checkpoint out --seed 7 --prompt é --threads 1",
            "eval": "eval --checkpoint out -i x.txt", "info": "info --n-embd 12",
            "info_checkpoint": "info --checkpoint out --threads 2", "short": "-ix -t1",
            "bench": "bench --threads 4,1,2 --repetitions 3 --repetition-seconds 0.1 --label a "
                     "--report out --batch-size 8 --grad-clip 1",
            "bench_sweep": "bench --preset sweep -t 1 --input x.txt", "help_bench": "bench --help",
            "bench_from": "bench --from report.json --report out --no-color",
            "preset": "--preset nano --n-layer 2", "bench_preset": "bench --preset microgpt-py",
            "built_in": "--input built-in", "info_preset": "info --preset microgpt-c -t 1",
            "minus_0": "--learning-rate -0 --temperature -0.0",
    }.items():
        yield "valid_" + name, arguments.replace(" ", "\n")
    for name, arguments in {
            "zero": "--n-embd 0", "negative": "--n-embd -1", "huge": "--learning-rate 1e99",
            "letters": "--n-embd 12x", "nan": "--learning-rate nan", "inf": "--beta1 inf",
            "overflow": "--num-steps 99999999999999999999",
            "seed_2_64": "--seed 18446744073709551616",
            "repeated": "--seed 1 --seed 2", "repeated_switch": "--quiet --quiet",
            "repeated_short": "-t 1 --threads 2", "unknown": "--n-embed 16",
            "unknown_long": "--" + "x" * 200,
            "missing": "--n-embd", "missing_before": "--n-embd --n-head 4", "space": "--n-embd  ",
            "divisible": "--n-embd 5 --n-head 2", "dashes": "--", "dash": "-",
            "triple": "---n-embd 4",
            "argument": "train more", "command": "trian", "command_empty": " --n-embd 4",
            "equals_nothing": "--n-embd=", "equals_alone": "--= 4", "short_equals": "-t=4",
            "switch_value": "--quiet=false", "negated": "--no-quiet", "upper": "--N-EMBD 4",
            "bench_threads": "bench --threads 1,,2", "bench_twice": "bench --threads 1,1",
            "bench_preset": "bench --preset all", "bench_from_alone": "bench --from x",
            "bench_sweep_width": "bench --preset sweep --n-embd 16",
            "bench_repetitions": "bench --repetitions 0", "bench_seconds":
            "bench --repetition-seconds nan", "bench_steps": "bench --num-steps 5",
            "sample_bare": "sample", "eval_bare": "eval --checkpoint out",
            "eval_flag": "eval --n-embd 4",
            "save_nothing": "--save-every 4", "changed_data": "--allow-changed-data",
            "both": "--resume a --init-from b", "top_p": "--top-p 1.5",
            "temperature": "--temperature -1",
            "tokens_bare": "--tokens ids.bin", "vocab_bare": "--vocab-size 5",
            "tokens_and_text": "--tokens a --vocab-size 5 --input b",
            "text_chunk": "--doc-mode text --long-docs chunk", "doc_mode": "--doc-mode pages",
            "info_vocab_input": "info --vocab-size 5 --input b",
            "hex": "--n-embd 0x10", "plus": "--n-embd +16", "comma": "--learning-rate 0,01",
            "brackets": "--input [a,b] --input {} x", "at": "@file",
            "not_utf8": "--prompt \udcff --n-embd \udcff",
            "control": "\x1b[31m", "info_both": "info --checkpoint out --n-embd 4",
            "percent": "--%s%n", "config": "--config nowhere.toml", "config_folder": "--config /",
            "preset": "--preset nanogpt", "resume_preset": "--resume out --preset nano",
            "windows": "/n-embd 4", "subcommand": "sample eval", "threads": "--threads 1000000",
    }.items():
        yield "hostile_" + name, arguments.replace(" ", "\n").encode("utf-8", "surrogateescape")
