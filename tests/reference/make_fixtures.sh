#!/usr/bin/env bash
# Regenerates the traces in tests/fixtures.
#   make_fixtures.sh           writes them
#   make_fixtures.sh --check   writes nothing; fails if a committed trace differs by a byte
# The last digits of log, exp and cos belong to the C library: on another one,
# --check may fail although the traces agree far better than any test needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1:-}" in
  "") check=false ;;
  --check) check=true ;;
  *) echo "usage: make_fixtures.sh [--check]" >&2; exit 2 ;;
esac

fixtures=tests/fixtures
out=$fixtures
if $check; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
status=0

# trace NAME FLAGS...
trace() {
  local name=$1
  shift
  python3 tests/reference/reference.py --output "$out/$name" "$@"
  if $check && ! cmp "$out/$name" "$fixtures/$name"; then status=1; fi
}

words=(--input "$fixtures/words.txt")
tricky=(--input "$fixtures/tricky.txt")

trace default_words.json "${words[@]}" --num-steps 120
trace heads5.json "${words[@]}" --n-embd 20 --n-head 5 --n-layer 3 --block-size 12 \
  --batch-size 3 --num-steps 40
trace batch8.json "${words[@]}" --n-embd 32 --block-size 16 --batch-size 8 --num-steps 40
trace relu.json "${words[@]}" --activation relu --init-std 0.08 --beta1 0.85 --beta2 0.99 \
  --block-size 16 --num-steps 60
trace layers0.json "${words[@]}" --n-layer 0 --num-steps 40
trace block1.json "${words[@]}" --block-size 1 --batch-size 4 --num-steps 30
trace tricky.json "${tricky[@]}" --n-embd 8 --n-head 2 --batch-size 2 --num-steps 40
trace no_shuffle.json "${words[@]}" --no-shuffle --seed 7 --learning-rate 0.02 --adam-eps 1e-6 \
  --n-head 2 --num-steps 30
trace text_words.json "${words[@]}" --doc-mode text --block-size 16 --batch-size 4 --num-steps 50
trace text_tricky.json "${tricky[@]}" --doc-mode text --n-embd 8 --n-head 2 --block-size 5 \
  --batch-size 3 --num-steps 50 --no-shuffle
trace weight_decay.json "${words[@]}" --weight-decay 0.5 --batch-size 2 --num-steps 40
trace grad_clip.json "${words[@]}" --grad-clip 0.5 --batch-size 2 --num-steps 40
trace grad_clip_direct.json "${words[@]}" --grad-clip 1.5 --num-steps 60
trace grad_accum.json "${words[@]}" --batch-size 3 --grad-accum 4 --block-size 16 --num-steps 30
trace linear_warmup.json "${words[@]}" --warmup-steps 10 --min-lr 0.002 --num-steps 40
trace cosine.json "${words[@]}" --lr-schedule cosine --warmup-steps 7 --min-lr 0.001 --num-steps 50
trace constant.json "${words[@]}" --lr-schedule constant --warmup-steps 3 --num-steps 40
trace all_options.json "${words[@]}" --n-embd 20 --n-head 5 --n-layer 2 --block-size 12 \
  --batch-size 2 --grad-accum 3 --weight-decay 0.1 --grad-clip 2 --lr-schedule cosine \
  --warmup-steps 5 --min-lr 0.001 --beta2 0.99 --num-steps 40
trace firststep.json "${words[@]}" --n-embd 8 --n-head 2 --n-layer 2 --block-size 6 \
  --batch-size 3 --num-steps 5 --init-std 0.3 --dump-first-step
trace firststep_full.json "${words[@]}" --n-embd 6 --n-head 3 --n-layer 2 --block-size 7 \
  --batch-size 4 --num-steps 5 --init-std 0.3 --nonzero-init --dump-first-step

if $check; then
  if [ "$status" -eq 0 ]; then echo "all traces are reproduced byte for byte"; fi
fi
exit "$status"
