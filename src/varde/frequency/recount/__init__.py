"""The sums again, as one set of Ibis expressions for DuckDB on one machine and PySpark on many.

``expressions`` holds what is asked, written once; ``engines`` opens DuckDB or PySpark and reads Parquet into the form
that the expressions take; ``check`` holds a counts folder's sums against its runs counted again. The counting engine
itself works on arrays; these are its second opinion, and the way beyond one machine.
"""
