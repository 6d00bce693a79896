"""Everything that draws. Knows `app` and the types of `backends`; knows no algorithm."""
