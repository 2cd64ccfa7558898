// Package edit changes single fields in files of Kubernetes objects and leaves every other byte as it is: comments,
// blank lines, the order of keys, quotes, indentation, line ends, other documents.
//
// A field is named as [bundle.Object.At] takes it. What is not there yet is made, with all its parents; the index after
// the last of a list appends to it; null removes. All fields are those of the objects as they were read, whatever other
// edits do to lists. An edit that finds its value already there changes nothing.
//
// An edit with a neighbour (Beside) writes an object that is not there yet, as a document at the end of the neighbour's
// file.
//
// An edit is made for certain or it is refused, with the reason ([Refusal]): what comes out is read again, and must be
// the objects that were there with exactly the changes asked for. The package knows no rules: which edits are wise is
// for others to say.
package edit
