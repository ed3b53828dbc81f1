"""Every text can be read, in both schemes: at least 5.5 : 1, more than the 4.5 that is asked of everybody."""

from . import contrast

SMALL = """
:root { --paper: #FFFFFF; --ink: #000000; --pale: #999999; --wash: #EEEEEE; --on-colour: #FFFFFF; --ok: #00AA00; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #000000; --ink: #FFFFFF; }
}
body { background: var(--paper); color: var(--ink); }
.box { background: var(--wash); }
"""


def test_every_text_stands_out_from_every_ground_it_may_stand_on() -> None:
    assert contrast.too_faint(contrast.read_styles()) == []


def test_the_stylesheets_bring_together_what_the_design_names() -> None:
    found = contrast.pairs(contrast.read_styles())
    grounds = ("paper", "surface", "wash")
    assert {(text, ground) for text in ("ink", "muted", "sogan", "indigo", "danger") for ground in grounds} <= found
    assert {("on-colour", ground) for ground in ("indigo", "deep", "ok", "warn", "danger", "muted")} <= found


def test_colours_are_only_written_as_tokens() -> None:
    assert contrast.strays(contrast.read_styles()) == []


def test_black_on_white_is_the_most_there_can_be() -> None:
    assert round(contrast.contrast("#000000", "#FFFFFF"), 2) == 21


def test_a_pale_text_is_found_on_a_ground_another_rule_paints() -> None:
    assert "light: pale on wash 2.46" in contrast.too_faint(SMALL + ".hint { color: var(--pale); }")


def test_a_pair_that_is_faint_in_the_dark_only_is_found() -> None:
    faint = contrast.too_faint(SMALL + ".hint { color: var(--ink); }")
    assert faint == ["dark: ink on wash 1.16"]


def test_an_icon_too_light_for_its_sign_is_found() -> None:
    assert "light: on-colour on ok 3.11" in contrast.too_faint(SMALL + ".icon-ok { background: var(--ok); }")


def test_a_colour_that_is_no_token_is_found() -> None:
    assert contrast.strays(SMALL + "p { color: #777; background: rgb(1 2 3); }") == ["#777", "rgb(1 2 3)"]
