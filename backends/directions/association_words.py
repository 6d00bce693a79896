"""Association tests in plain words: what was found, and what it cannot say."""

from __future__ import annotations

from backends.directions.association import Association
from backends.directions.metrics import METRICS
from backends.directions.permutation import LEVEL

NAMED = 8  # words that a sentence names
LIMITS = (
    "A test speaks of its words in these vectors, not of what a system built on them does; and to "
    "find no association does not show that there is none."
)


def verdict(found: Association) -> tuple[str, ...]:
    """What a test found, how sure that is and what was published; `LIMITS` belong beside it."""
    return (_finding(found), *_certainty(found), *_published(found), *_spelled(found))


def number(value: float, digits: int = 2) -> str:
    """A figure with a true minus."""
    text = f"{value:.{digits}f}"
    zero = not text.strip("-0.")
    return text.removeprefix("-") if zero else text.replace("-", "−")  # noqa: RUF001


def p_text(p: float) -> str:
    """A p-value to two digits: "p = .023", "p = 1e-05"."""
    return f"p = {p_number(p)}"


def p_number(p: float) -> str:
    """The same without its letter."""
    return f"{p:.1e}" if p < 0.001 else f"{p:.2g}"


def _finding(found: Association) -> str:
    names = {part: f"“{size.name}”" for part, size in found.n.items()}
    if found.effect_size is not None and found.p is not None:
        return _difference(found, names)
    value = number(found.statistic, 3)
    if found.metric in ("rnd", "ripa"):
        low = (found.statistic < 0) == (found.metric == "rnd")
        nearer = names["X"] if low else names["Y"]
        other = f" Of {names['B']} it is {number(found.beside['B'], 3)}."
        if value == number(0, 3):
            return f"{names['A']} is as near to {names['X']} as to {names['Y']}: {value}.{other}"
        what = "lies nearer to" if found.metric == "rnd" else "lies towards"
        return f"On average {names['A']} {what} {nearer}: {value}, where 0 is neither.{other}"
    ideal = number(found.ideal, 0)
    told = {
        "mac": f"Targets are at a mean cosine distance of {value} from the attributes; "
        f"{ideal} is no association at all",
        "ect": f"{names['X']} and {names['Y']} rank the terms of {names['A']} with a rank "
        f"correlation of {value}; {ideal} is alike",
        "rnsb": f"A classifier of {names['A']} against {names['B']} spreads its verdicts over the "
        f"targets with a divergence of {value} from equal ones; {ideal} is equal",
    }
    of_b = found.beside.get("B") if found.metric == "ect" else None
    accuracy = found.beside.get("held-out accuracy")
    more = f". On words held out it is right in {accuracy:.0%}" if accuracy is not None else ""
    more += f". Of {names['B']} it is {number(of_b, 3)}" if of_b is not None else ""
    return f"{told[found.metric]}{more}."


def _difference(found: Association, names: dict[str, str]) -> str:
    assert found.effect_size is not None
    assert found.p is not None
    size = f"d = {number(found.effect_size)} (ddof {found.ddof})"
    p, of = found.p, ""
    if found.p_corrected is not None and found.p_corrected != found.p:
        p, of = found.p_corrected, f", {p_text(found.p_corrected)} among all tests made"
    how = f"{p_text(found.p)}, {found.p_kind} over {found.partitions:,} partitions{of}"
    x, y, a, b = (names[part] for part in "XYAB")
    if p <= LEVEL:
        return (
            f"{x} leans more to {a}, and {y} more to {b}, than parting the same words by chance "
            f"would make them: {size}; {how}."
        )
    shown = round(found.effect_size, 2)
    if shown > 0:
        return (
            f"{x} leans more to {a} than {y} does, but parting the same words by chance "
            f"does as much too often to tell: {size}; {how}."
        )
    if shown < 0:
        return (
            f"If anything it is {y} that leans to {a}, and {x} to {b}: {size}; {how}. The p is of "
            "one side only; exchange the targets to test the other."
        )
    return f"{x} and {y} do not differ: {size}; {how}."


def _certainty(found: Association) -> list[str]:
    if found.effect_size is None:
        about = METRICS[found.metric].title
        return [f"{about} has no p-value: it does not say how much of that is chance."]
    said = []
    if found.interval is not None:
        low, high = map(number, found.interval)
        said.append(f"With other words of the kind d may lie from {low} to {high} (95%).")
    x, y = (found.n[part].after for part in "XY")
    if found.smallest_effect is not None:
        said.append(
            f"Among {x} and {y} words d has to reach {number(found.smallest_effect)} for a p of "
            f"{LEVEL}: a smaller association would not be seen."
        )
    elif found.smallest_p is not None and found.smallest_p > LEVEL:
        said.append(f"Among {x} and {y} words no association could reach a p of {LEVEL}.")
    return said


def _spelled(found: Association) -> list[str]:
    """Words that are other words here: a name in lower case may be a noun, as Bill and bill."""
    if not found.spelled:
        return []
    pairs = [f"{asked} as {name}" for asked, name in found.spelled.items()]
    more = f" and {len(pairs) - NAMED:,} more" if len(pairs) > NAMED else ""
    return [
        f"Found in another spelling, which may be another word: {', '.join(pairs[:NAMED])}{more}."
    ]


def _published(found: Association) -> list[str]:
    if not found.published:
        return []
    told = "; ".join(f"{name}: {number(value)}" for name, value in found.published.items())
    lost = any(size.after < size.before for size in found.n.values())
    more = " Those were of other vectors, and of words that are partly lost here." if lost else ""
    more += " They were computed with ddof 1." if found.ddof == 0 else ""
    return [f"Published for this test: {told}.{more}"]
