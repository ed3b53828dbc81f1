"""A file that is paused, or taken off the list, before it has begun; and what is said of those that are paused."""

import pytest
from playwright.sync_api import Page

# A photograph whose cleaning ends when the test says so; what is done to it meanwhile stands in the place of DOES.
CHOSEN = """
async () => {
  const { Chosen } = await import("/static/js/complaints/chosen.js");
  let cleaned;
  const cleaning = new Promise((resolve) => (cleaned = resolve));
  const file = new File(["x".repeat(2048)], "foto.jpg", { type: "image/jpeg" });
  const chosen = new Chosen(file, () => cleaning);
  document.body.replaceChildren(chosen.item);
  const asked = [];
  const server = { told: () => (asked.push("told"), new Promise(() => undefined)) };
  const buttons = [...chosen.item.querySelectorAll("button")];
  const does = (says) => buttons.find(({ textContent }) => textContent.startsWith(says)).click();
  chosen.wait();
  const sending = chosen.send(server, "0".repeat(32));
  does(DOES);
  cleaned({ blob: file, type: file.type, name: file.name, how: "cleaned" });
  const forever = new Promise((end) => setTimeout(end, 10_000, "forever"));
  const ended = await Promise.race([sending.then(() => "ended"), forever]);
  const bars = chosen.item.querySelectorAll("progress").length;
  return { ended, asked, left: chosen.left, said: chosen.item.innerText, bars };
}
"""
# Three files of one sending. Each step is looked at twice; what is put where it is read out is counted.
SAID = """
async () => {
  const { Pause, Pausing } = await import("/static/js/pausing.js");
  const files = ["a", "b", "c"].map((name) => new Pause(name));
  let left = [...files];
  const pausing = new Pausing(() => left, () => "Teks menunggunya.");
  const row = document.createElement("div");
  row.append(...files.map(({ button }) => button), pausing.part);
  document.body.replaceChildren(row);
  files.forEach((file) => {
    file.offer();
    file.onTurned = () => pausing.look();
  });
  const [status, all] = [pausing.part.querySelector("[role=status]"), pausing.part.querySelector("button")];
  let changes = 0;
  new MutationObserver(() => (changes += 1)).observe(status, { childList: true, characterData: true, subtree: true });
  const told = [];
  const look = async () => {
    pausing.look();
    await null;
    pausing.look();
    await null;
    told.push([status.innerText, changes, all.hidden ? "" : all.textContent]);
  };
  await look();
  files[0].button.click();
  await look();
  all.focus();
  all.click();
  await look();
  left = [files[0]];
  await look();
  return { told, focused: document.activeElement === files[0].button };
}
"""
# A photograph whose turn comes while it is cleaned; meanwhile another is paused, and it is shown anew. Then it is in.
MEASURED = """
async () => {
  const { Chosen } = await import("/static/js/complaints/chosen.js");
  let cleaned;
  const file = new File(["x".repeat(2048)], "foto.jpg", { type: "image/jpeg" });
  const chosen = new Chosen(file, () => new Promise((resolve) => (cleaned = resolve)));
  document.body.replaceChildren(chosen.item);
  let asked;
  const begun = new Promise((resolve) => (asked = resolve));
  chosen.wait();
  chosen.send({ told: () => (asked(), new Promise(() => undefined)) }, "0".repeat(32));
  chosen.wait();
  const bar = () => chosen.item.querySelector("progress");
  const before = [chosen.item.innerText, bar() === null];
  cleaned({ blob: file, type: file.type, name: file.name, how: "cleaned" });
  await begun;
  const measured = [bar()?.getAttribute("aria-label"), bar()?.value];
  const away = [...chosen.item.querySelectorAll("button")].find(({ textContent }) => textContent.startsWith("Hapus"));
  away.focus();
  chosen.settle();
  return { before, measured, focused: document.activeElement === chosen.item, gone: away.checkVisibility() === false };
}
"""
# What is begun after the end, or was before it; nothing of it is ever answered.
COURSE = """
async () => {
  const { Course } = await import("/static/js/complaints/course.js");
  const course = new Course();
  const asked = [];
  const never = (what) => () => (asked.push(what), new Promise(() => undefined));
  const forever = new Promise((end) => setTimeout(end, 5_000, "forever"));
  const end = (work) => Promise.race([work.catch(({ name }) => name), forever]);
  const before = end(course.untilEnded(never("before")));
  course.end();
  return [await before, await end(course.untilEnded(never("after"))), asked];
}
"""


@pytest.fixture(autouse=True)
def alone(blank: Page) -> None:
    """Each test has a page of its own."""
    blank.reload()


def test_a_file_paused_while_it_is_cleaned_is_not_begun_and_still_says_so(blank: Page) -> None:
    done = blank.evaluate(CHOSEN.replace("DOES", "'Jeda'"))
    assert (done["ended"], done["asked"], done["left"]) == ("ended", [], True)
    # A bar that nothing moves would look as if something did.
    assert done["bars"] == 0
    assert "Dijeda: 0 KB dari 2 KB sudah sampai." in done["said"] and "Lanjutkan foto.jpg" in done["said"]


def test_a_file_taken_off_the_list_while_it_is_cleaned_is_not_begun(blank: Page) -> None:
    done = blank.evaluate(CHOSEN.replace("DOES", "'Hapus'"))
    assert (done["ended"], done["asked"], done["left"]) == ("ended", [], False)


def test_what_is_paused_is_said_once_and_one_button_is_for_all_as_long_as_there_are_several(blank: Page) -> None:
    done = blank.evaluate(SAID)
    assert done["told"] == [
        ["", 0, "Jeda semua"],
        ["1 berkas dijeda; yang lain tetap dikirim.", 1, "Jeda semua"],
        ["3 berkas masih dijeda\n\nTeks menunggunya.", 2, "Lanjutkan semua"],
        ["1 berkas masih dijeda\n\nTeks menunggunya.", 3, ""],
    ]
    assert done["focused"], "the focus fell to the beginning of the page"


def test_what_is_looked_at_while_it_is_cleaned_has_its_bar_afterwards_and_its_name_on_it(blank: Page) -> None:
    done = blank.evaluate(MEASURED)
    assert "Sedang dibersihkan …" in done["before"][0] and done["before"][1], "a bar that measures nothing"
    assert done["measured"] == ["foto.jpg", 2048]
    assert done["focused"] and done["gone"], "the focus fell to the beginning of the page"


def test_what_was_ended_asks_nothing_more_and_waits_for_nothing(blank: Page) -> None:
    assert blank.evaluate(COURSE) == ["Ended", "Ended", ["before"]]
