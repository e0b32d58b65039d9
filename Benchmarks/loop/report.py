"""What was measured, as lines of a table and as JSON."""

import dataclasses
import json

import servers
import stats

VERSION = 1
HEADER = (f"{'':<45} {'rival':<9} {'its':>10} {'PeerLoop':>10} {'':<6} "
          f"{'ratio':>6} {'(90 % interval)':<20} target")


@dataclasses.dataclass
class Result:
    """One quantity of one row, with a value a round for each server, and what PeerLoop's must be."""
    row: str
    name: str
    unit: str
    values: dict
    # Of the ratio to a rival, by the rival: `<= 1.1`.
    ratios: dict = dataclasses.field(default_factory=dict)
    # Of PeerLoop's own value.
    target: str = ""
    # Whether PeerLoop's ratio to each rival is shown; otherwise their values are.
    is_compared: bool = True

    def __post_init__(self):
        self.comparisons, self.medians = [], {}
        for name, values in self.values.items():
            self.medians[name], _ = stats.median_with_interval(values)
        own = self.values.get("peerloop", [])
        self.bounds, self.verdict = None, ""
        if own:
            value, self.bounds = stats.median_with_interval(own)
            if self.target:
                self.verdict = stats.verdict(value, self.bounds, self.target)
        for name, values in self.values.items():
            if own and self.is_compared and name != "peerloop":
                ratio, bounds = stats.ratio_with_interval(own, values)
                target = self.ratios.get(name, "")
                self.comparisons.append({
                    "to": name, "ratio": ratio, "low": bounds[0], "high": bounds[1], "target": target or None,
                    "verdict": stats.verdict(ratio, bounds, target) if target else None})

    def verdicts(self):
        return [verdict for verdict in [self.verdict, *(one["verdict"] for one in self.comparisons)] if verdict]

    def lines(self):
        own = shown(self.medians["peerloop"]) if "peerloop" in self.medians else "-"
        lines, start = [], self.name
        for one in self.comparisons:
            target = f"{one['target']:<9} {one['verdict']}" if one["target"] else ""
            lines.append(line(start, servers.NAMES[one["to"]], shown(self.medians[one["to"]]), own, self.unit,
                              f"{one['ratio']:>6.3f} {spread(one['low'], one['high'], '.3f'):<20} {target}"))
            start = ""
        if not self.comparisons:
            bounds = spread(*map(shown, self.bounds), "") if self.bounds and self.bounds[0] < self.bounds[1] else ""
            target = f"{self.target:<9} {self.verdict}" if self.target else ""
            others = ", ".join(
                f"{servers.NAMES[name]} {shown(value)}" for name, value in self.medians.items() if name != "peerloop")
            lines.append(line(start, "", "", own, self.unit, f"{'':>6} {bounds:<20} {target}"))
            if others:
                lines.append(line("", others, "", "", "", ""))
        return lines

    def as_json(self):
        return {
            "row": self.row, "name": self.name, "unit": self.unit, "medians": self.medians, "values": self.values,
            "interval": self.bounds, "target": self.target or None, "verdict": self.verdict or None,
            "comparisons": self.comparisons}


def line(name, rival, its, own, unit, rest):
    return f"{name:<45} {rival:<9} {its:>10} {own:>10} {unit:<6} {rest}".rstrip()


def spread(low, high, form):
    return f"({low:{form}} .. {high:{form}})"


def shown(value):
    """Four digits, or a whole number."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 0.001 else f"{value:.4f}"


def write(path, options, results, failures):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "version": VERSION, "rounds": options.rounds, "seconds": options.seconds, "failures": failures,
        "rows": [result.as_json() for result in results]}, indent=2) + "\n")
