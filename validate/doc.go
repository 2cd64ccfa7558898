// Package validate says what is wrong in a bundle, why, and how to mend it.
//
// It reads objects and the paths of package traffic, and reports findings; it changes nothing, and knows no format, no
// flags and no files. A finding is about the user's bundle; what is an error here is about us.
package validate
