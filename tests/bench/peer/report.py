# SPDX-License-Identifier: MIT
"""The figures of `peers` as a Markdown table and a bar chart."""
import datetime
import os
import platform
import statistics
import subprocess


def medians(worker):
    return {what: statistics.median(rates)
            for what, rates in worker.rates.items()}


def spread(rates):
    """Half the distance of the quartiles, in percent of the median."""
    low, middle, high = statistics.quantiles(rates, n=4)
    return 50 * (high - low) / middle


def first_line(*argv):
    try:
        return subprocess.run(argv, text=True, capture_output=True,
                              check=False).stdout.split("\n")[0].strip()
    except OSError:
        return ""


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = [line.split(":")[1].strip() for line in file
                 if line.startswith("model name")]
    return f"{lines[0]}, {len(lines)} cores" if lines else platform.machine()


def system():
    with open("/etc/os-release", encoding="utf-8") as file:
        for line in file:
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip().strip('"')
    return platform.system()


def libraries():
    found = [" ".join(first_line("openssl", "version").split()[:2])]
    for label, *argv in (("GnuTLS", "pkg-config", "--modversion", "gnutls"),
                         ("Node.js", "node", "--version")):
        if first_line(*argv):
            found.append(f"{label} {first_line(*argv)}")
    if first_line("go", "version"):
        found.append("Go " + first_line("go", "version").split()[2][2:])
    return ", ".join(found)


# ---- Markdown ----

def peer_table(workers, missing):
    ours = medians(workers[0])
    yield "| library | arithmetic | mint/s | verify/s | ours is faster at " \
        "minting, verifying by |"
    yield "|---|---|---:|---:|---:|"
    for worker in workers:
        m = medians(worker)
        yield (f"| {worker.name} {worker.version} | {worker.backend} | "
               f"{m['mint']:,.0f} ± {spread(worker.rates['mint']):.0f} % | "
               f"{m['verify']:,.0f} ± {spread(worker.rates['verify']):.0f} % | "
               f"{ours['mint'] / m['mint']:.2f} × · "
               f"{ours['verify'] / m['verify']:.2f} × |")
    for name, reason in missing:
        yield f"| {name} | – | – | – | {reason} |"


def notes(workers):
    for worker in workers:
        for note in worker.notes:
            yield ""
            yield f"{worker.name}: {note}."


def process_table(processes):
    yield "| process | wall clock | processor time | × openssl (wall, " \
        "processor) |"
    yield "|---|---:|---:|---:|"
    for name, wall, cpu, wall_ratio, cpu_ratio in processes:
        yield (f"| {name} | {wall * 1e3:.1f} ms | {cpu * 1e3:.1f} ms | "
               f"{wall_ratio:.2f} · {cpu_ratio:.2f} |")


def batch_text(rounds, rows):
    if rounds is None:
        return ["`token mint --batch` was not measured."]
    mint = statistics.median(m for m, _ in rounds)
    batch = statistics.median(b for _, b in rounds)
    ratio = statistics.median(b / m for m, b in rounds)
    return [
        f"`token mint --batch` with {rows:,} rows: {batch:,.0f} rows/s, by the "
        f"wall clock, beside {mint:,.0f} tokens/s of {os.cpu_count()} processes "
        f"that only mint, taken in turns: {ratio:.2f} of it. Other work on the "
        "machine slows both."]


def markdown(workers, missing, processes, batch, args):
    yield "# ivs-token and its peers"
    yield ""
    yield (f"Made by `tests/bench/peers` on {datetime.date.today()}: "
           f"{system()}, {processor()}; {libraries()}.")
    yield ""
    yield (f"Medians of {args.rounds} interleaved rounds of {args.ms} ms each, "
           "one core, per second of processor time; ± is half the distance "
           "between the quartiles. Gaps under 5 % are noise. Every peer mints "
           "the same claims with the same P-384 key and verifies signature and "
           "`exp` of the same token.")
    yield ""
    yield "![Tokens per second](peers.svg)"
    yield ""
    yield from peer_table(workers, missing)
    yield from notes(workers)
    yield ""
    yield "## One token as a whole process"
    yield ""
    yield from process_table(processes)
    yield ""
    yield "## A batch"
    yield ""
    yield from batch_text(batch, args.rows)


# ---- SVG ----

WIDTH, LEFT, BAR, GAP = 760, 180, 11, 12
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.value { font-size: 12px }
.mint { fill: #0969da }
.verify { fill: #57606a }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.mint { fill: #58a6ff }
.verify { fill: #8b949e }
}
"""


def bar(y, rate, scale, kind):
    width = max(1, rate * scale)
    return (f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" '
            f'height="{BAR}" rx="1"/>'
            f'<text class="value" x="{LEFT + width + 6:.1f}" '
            f'y="{y + BAR - 1}">{rate:,.0f}</text>')


def svg(workers):
    figures = [(w.name, medians(w)) for w in workers]
    top = max(max(m.values()) for _, m in figures)
    scale = (WIDTH - LEFT - 70) / top
    step = 2 * BAR + GAP
    height = 66 + step * len(figures)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
           f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" '
           'aria-label="Tokens per second and core, ivs-token and its peers">')
    yield f"<style>{STYLE}</style>"
    yield ('<text class="title" x="8" y="22">ES384 tokens per second, one '
           'core</text>')
    for x, kind, label in ((LEFT, "mint", "mint"),
                           (LEFT + 70, "verify", "verify")):
        yield (f'<rect class="{kind}" x="{x}" y="35" width="11" height="11" '
               f'rx="1"/><text x="{x + 17}" y="45">{label}</text>')
    for number, (name, m) in enumerate(figures):
        y = 60 + number * step
        yield f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{name}</text>'
        yield bar(y, m["mint"], scale, "mint")
        yield bar(y + BAR, m["verify"], scale, "verify")
    yield "</svg>"


def write(folder, workers, missing, processes, batch, args):
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(markdown(workers, missing, processes, batch, args)) + "\n"
    (folder / "peers.md").write_text(text, encoding="utf-8")
    chart = "\n".join(svg(workers)) + "\n"
    (folder / "peers.svg").write_text(chart, encoding="utf-8")
    print(text)
