"""Everything that anybody might send to every address, and what every answer must keep to."""
