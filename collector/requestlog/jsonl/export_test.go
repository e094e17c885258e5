package jsonl

// Fields is how many fields the reader knows.
const Fields = int(fieldCount)
