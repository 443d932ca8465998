package diag

// Code identifies a kind of diagnostic for ever: numbers are never reused.
// MR1xxx project and YAML, MR2xxx templates, MR3xxx parsing and resolution,
// MR4xxx database and execution, MR5xxx command line, MR6xxx packages, MR7xxx streams.
type Code string

const (
	CodeProject         Code = "MR1001" // dbt_project.yml is missing or wrong
	CodeProfile         Code = "MR1002" // profiles.yml is missing or wrong
	CodeYAMLSyntax      Code = "MR1003" // a YAML file does not parse
	CodeYAMLKey         Code = "MR1004" // unknown or misplaced key
	CodeYAMLDuplicate   Code = "MR1005" // the same key twice
	CodeDuplicatePatch  Code = "MR1006" // two YAML entries for one resource
	CodeEnvVar          Code = "MR1007" // a required environment variable is missing
	CodeVar             Code = "MR1008" // a required var is missing
	CodeTemplateSyntax  Code = "MR2001" // Jinja does not parse
	CodeUnclosedBlock   Code = "MR2002" // a block tag is never closed
	CodeUndefined       Code = "MR2003" // use of an undefined name
	CodeUnknownMacro    Code = "MR2004" // a macro that does not exist
	CodeTemplateRuntime Code = "MR2005" // a template raised while rendering
	CodeLimit           Code = "MR2006" // recursion, loop or output limit
	CodeRefNotFound     Code = "MR3001" // ref() to nothing
	CodeSourceNotFound  Code = "MR3002" // source() to nothing
	CodeDisabledRef     Code = "MR3003" // ref() to a disabled node
	CodeCycle           Code = "MR3004" // the graph has a cycle
	CodeDuplicateName   Code = "MR3005" // two resources share a name
	CodeAmbiguousAlias  Code = "MR3006" // two nodes write one relation
	CodeUnknownConfig   Code = "MR3007" // a config key nobody reads
	CodeMaterialization Code = "MR3008" // no such materialization
	CodeConfigValue     Code = "MR3009" // a config value of the wrong type
	CodeTestNotFound    Code = "MR3010" // a generic test that does not exist
	CodeAccess          Code = "MR3011" // ref() to a private or protected model
	CodeDatabase        Code = "MR4001" // the database refused a statement
	CodeConnect         Code = "MR4002" // no connection to the database
	CodeLocked          Code = "MR4003" // another process holds the database file
	CodeUnknownColumn   Code = "MR4004" // a column that does not exist
	CodeQuery           Code = "MR4005" // a query that does not parse, or names a table alias that is not there
	CodePlugin          Code = "MR4006" // a plugin of the profile could not do its work
	CodeSelection       Code = "MR5001" // a selector that does not parse or match
	CodeUsage           Code = "MR5002" // wrong flags or arguments
	CodePackage         Code = "MR6001" // packages cannot be resolved or installed
	CodeStream          Code = "MR7001" // a stream is declared wrongly
	CodeConnections     Code = "MR7002" // streams.yml is missing or wrong
	CodeBroker          Code = "MR7003" // Kafka or the schema registry cannot be reached or refuses
	CodeGap             Code = "MR7004" // records between the ledger and the topic are gone
	CodeFenced          Code = "MR7005" // another process owns the stream
	CodeBadRecord       Code = "MR7006" // a record cannot be decoded, or too many cannot
	CodeLedger          Code = "MR7007" // the ledger and the tables do not agree
	CodeSlice           Code = "MR7008" // a model cannot follow its stream slice by slice
	CodeKeyOrder        Code = "MR7011" // records of one key come in no order
	CodeSchemaChange    Code = "MR7012" // a topic's schema has changed in a way that is not let in
	CodeDeprecated      Code = "MR9001" // works, but the form is deprecated
)
