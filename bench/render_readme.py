"""Writes the tables of README.md from bench/results/*.json, between the marker lines `<!-- results -->` and `<!-- /results -->`.

usage: render_readme.py [--check]    (--check changes nothing and fails if README.md differs from what the results say)
"""

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- results -->\n", "<!-- /results -->\n"


def load(pattern):
    paths = sorted((ROOT / "bench" / "results").glob(pattern))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def machine(result):
    return f"{result['gpu']}, driver {result['driver']}, torch {result['torch']}, {result['date']}"


def accuracy_table():
    """Worst relative L2 errors of the accuracy grid, per wheel and unit."""
    results = load("accuracy-*.json")
    lines = [
        "Accuracy, worst relative L2 error over 240 cases (lengths 1 to 1024, head dims 40 to 128, causal or not, K bias 0, 5, 20): against a float64",
        "model of the same quantised operands, fp16 / bf16 out (bounds 1e-3 / 3e-3; sm90, which multiplies P and V in FP8: 0.03), and against exact",
        "float64 attention (0.016; sm90: 0.045). The last column is the error of K bias 5 without and with smoothing of K.",
        "",
        "| wheel | unit | model fp16 | model bf16 | exact | unsmoothed / smoothed |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        for unit, tests in result["units"].items():
            grid = tests["accuracy"]
            smoothing = tests["smoothing_matters"].get("smoothing", [None])[0]
            gain = f"{smoothing['not_smoothed']:.4f} / {smoothing['smoothed']:.4f}" if smoothing else "no K is rounded"
            model = [f"{grid[dtype]['model']:.1e}" if "model" in grid[dtype] else "-" for dtype in ("worst_float16", "worst_bfloat16")]
            lines.append(
                f"| {result['library']['built_for']} | {unit} | {model[0]} | {model[1]} "
                f"| {grid['worst']['exact']:.4f} | {gain} |"
            )
    machines = sorted({machine(result) for result in results})
    return [*lines, "", f"({'; '.join(machines)})"]


def throughput_table():
    """TFLOP/s beside torch's SDPA, measured in turn in one process."""
    lines = []
    for result in load("throughput-*.json"):
        lines += [
            f"Speed of the sm{result['unit']} unit in TFLOP/s, bf16, 32 heads, batch × tokens = 16384, beside torch's SDPA in the same run: `sage` is the whole",
            "call with quantisation, `attention` without it.",
            "",
            "| head dim | mask | tokens | sage | attention | FlashAttention-2 | cuDNN | sage / FlashAttention-2 |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for row in result["rows"]:
            rate = row["tflops"]
            lines.append(
                f"| {row['d']} | {'causal' if row['causal'] else 'full'} | {row['tokens']} | {rate['sage']:.0f} | {rate['attention']:.0f} "
                f"| {rate['flash']:.0f} | {rate['cudnn']:.0f} | {rate['sage'] / rate['flash']:.2f} |"
            )
        lines += ["", f"({machine(result)})", ""]
    return lines[:-1]


def hopper_table():
    """TFLOP/s of the Hopper units beside upstream's, cuDNN and FlashAttention-2, measured in turn in one process."""
    (result,) = load("upstream-sm90.json")
    lines = [
        "Speed of the Hopper units in TFLOP/s, bf16, 32 heads, batch 4 (2 at 32768), beside upstream's SageAttention 2.2.0 and torch's SDPA in the same run: `sage`",
        "and `upstream` are whole calls with quantisation, `attention` is the kernel alone, ours as the whole call less its preparation.",
        "",
        "| head dim | mask | tokens | sage | upstream | sage / upstream | cuDNN | sage / cuDNN | FlashAttention-2 | attention | upstream's attention |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    rows = [row for row in result["speed"] if row["heads"] == 32 and row["kv_heads"] == 32 and row["tokens"] == row["kv_tokens"]]
    for row in sorted(rows, key=lambda row: (-row["d"], row["causal"], row["tokens"])):
        rate = row["tflops"]
        lines.append(
            f"| {row['d']} | {'causal' if row['causal'] else 'full'} | {row['tokens']} | {rate['ours']:.0f} | {rate['upstream']:.0f} "
            f"| {rate['ours'] / rate['upstream']:.2f} | {rate['cuDNN']:.0f} | {rate['ours'] / rate['cuDNN']:.2f} | {rate['FlashAttention']:.0f} "
            f"| {rate['our kernel']:.0f} | {rate['upstream kernel']:.0f} |"
        )
    return [*lines, "", f"({machine(result)})"]


def sharing_table():
    """CPU seconds of one build of all rows against one build per target."""
    lines = [
        "Compile once: CPU seconds of `sagebuild build sage2-all` against its ten targets built one by one, each with an empty build directory, toolchains in the",
        "cache. The floor is what counting device images alone allows.",
        "",
        "| `images:` | together | one by one | ratio | floor |",
        "|---|---|---|---|---|",
    ]
    (result,) = load("build-sharing.json")
    for images in ("row", "newest"):
        found = result[images]
        seconds = found["cpu_seconds"]
        lines.append(f"| `{images}` | {seconds['sage2-all']:.0f} | {seconds['one_by_one']:.0f} | {found['ratio']:.3f} | {found['floor']:.3f} |")
    return [*lines, "", f"({result['machine']}, {result['sagebuild']}, {result['date']})"]


def rendered():
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    tables = [hopper_table(), throughput_table(), accuracy_table(), sharing_table()]
    body = "\n\n".join("\n".join(table) for table in tables)
    return f"{head}{BEGIN}{body}\n{END}{tail}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail if README.md differs")
    options = parser.parse_args()
    text = rendered()
    if not options.check:
        README.write_text(text, encoding="utf-8")
        return 0
    if text != README.read_text(encoding="utf-8"):
        print("error: README.md differs from bench/results\nhint: python3 bench/render_readme.py", file=sys.stderr)
        return 1
    print("README.md agrees with bench/results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
