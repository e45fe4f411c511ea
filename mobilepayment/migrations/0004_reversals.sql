-- What came of every reversal, so that those in doubt are found. The attempt's body stays the truth.
ALTER TABLE reversals ADD COLUMN outcome TEXT;
UPDATE reversals SET outcome = (
    SELECT json_extract(reversal.value, '$.outcome')
    FROM attempts, json_each(attempts.body, '$.reversals') AS reversal
    WHERE attempts.id = reversals.attempt_id
        AND json_extract(reversal.value, '$.id') = CAST(reversals.id AS TEXT)
);
CREATE INDEX reversals_in_doubt ON reversals (attempt_id) WHERE outcome = 'in_doubt';
