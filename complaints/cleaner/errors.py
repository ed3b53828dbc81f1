"""The one way in which cleaning fails on purpose."""


class Impossible(Exception):
    """This file cannot be cleaned whole: something in it is not looked into, or would be lost."""
