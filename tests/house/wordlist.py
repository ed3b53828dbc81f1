"""The word list for the browser, written from the server's: ``make words``."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "kernel" / "vault" / "words.txt"
SCRIPT = ROOT / "static" / "js" / "vault" / "words.js"
HEAD = "/** The words of phrases, passwords and fingerprints: kernel/vault/words.txt, in its order (`make words`). */\n"
A_LINE = 16


def script() -> str:
    """Return the module that holds the list."""
    words = SOURCE.read_text().split()
    lines = [" ".join(words[at : at + A_LINE]) for at in range(0, len(words), A_LINE)]
    return "\n".join([HEAD, "export const WORDS = `", *lines, "`.trim().split(/\\s+/);\n"])


if __name__ == "__main__":
    SCRIPT.write_text(script())
