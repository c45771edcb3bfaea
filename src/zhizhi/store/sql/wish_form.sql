-- The form of a wish stood behind a slash in its purpose.
UPDATE wish SET purpose = split_part(purpose, '/', 1), form = split_part(purpose, '/', 2) WHERE purpose LIKE '%/%';
