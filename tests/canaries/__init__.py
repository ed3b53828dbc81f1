"""Nothing that is sealed stands anywhere in the clear: planted texts and known secrets, looked for byte by byte."""
