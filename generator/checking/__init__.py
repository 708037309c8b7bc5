"""Hold an archive against what it was made from, and mend it: records, pages, site/ and the mirrors."""
