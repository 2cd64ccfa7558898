// Package waive takes findings away that people have decided to live with, each for a reason that they wrote down.
//
// There are three ways. An annotation on an object waives findings about that object ([Annotation]). A file
// .scenario.yaml waives findings of files and objects, turns rules off and changes severities ([Config]). A baseline
// holds the findings that were there when a repository began to be checked ([Baseline]); it is the only one without
// reasons.
//
// A waiver that waives nothing is a finding itself ([Unused]), and so is an annotation that cannot be read ([Bad]), so
// that waivers do not outlive what they were written for. The package knows no rules, only their IDs, and no flags.
package waive
