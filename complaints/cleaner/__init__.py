"""Takes out of a file what it may betray, in a process of its own that can do nothing else.

It alone imports Pillow and pikepdf, and nothing of the application; ``complaints.cleaning`` starts it and speaks with
it through pipes: the whole file in, its new type, a line end and the cleaned file out. Whatever goes wrong, it ends
without that, and says nothing of why.
"""
