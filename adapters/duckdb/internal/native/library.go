// Package native is the thin layer over DuckDB's C interface: open a database,
// run statements, read and append column vectors. It speaks template values
// directly, so a result is decoded once and JSON text, struct field order and
// decimals arrive as the engine has them.
//
// This file alone imports the library: a new DuckDB major version is a change here.
package native

import lib "github.com/duckdb/duckdb-go/v2/mapping"

type (
	resultState   = lib.State
	idx           = lib.IdxT
	typeID        = lib.Type
	vector        = lib.Vector
	logicalType   = lib.LogicalType
	dataChunk     = lib.DataChunk
	database      = lib.Database
	connection    = lib.Connection
	prepared      = lib.PreparedStatement
	extracted     = lib.ExtractedStatements
	result        = lib.Result
	appender      = lib.Appender
	pendingResult = lib.PendingResult
	pendingState  = lib.PendingState
	libConfig     = lib.Config
)

const (
	stateError = lib.StateError

	tBoolean     = lib.TypeBoolean
	tTinyInt     = lib.TypeTinyInt
	tSmallInt    = lib.TypeSmallInt
	tInteger     = lib.TypeInteger
	tBigInt      = lib.TypeBigInt
	tUTinyInt    = lib.TypeUTinyInt
	tUSmallInt   = lib.TypeUSmallInt
	tUInteger    = lib.TypeUInteger
	tUBigInt     = lib.TypeUBigInt
	tFloat       = lib.TypeFloat
	tDouble      = lib.TypeDouble
	tTimestamp   = lib.TypeTimestamp
	tDate        = lib.TypeDate
	tTime        = lib.TypeTime
	tInterval    = lib.TypeInterval
	tHugeInt     = lib.TypeHugeInt
	tUHugeInt    = lib.TypeUHugeInt
	tVarchar     = lib.TypeVarchar
	tBlob        = lib.TypeBlob
	tDecimal     = lib.TypeDecimal
	tTimestampS  = lib.TypeTimestampS
	tTimestampMS = lib.TypeTimestampMS
	tTimestampNS = lib.TypeTimestampNS
	tEnum        = lib.TypeEnum
	tList        = lib.TypeList
	tStruct      = lib.TypeStruct
	tMap         = lib.TypeMap
	tArray       = lib.TypeArray
	tUUID        = lib.TypeUUID
	tUnion       = lib.TypeUnion
	tBit         = lib.TypeBit
	tTimeTZ      = lib.TypeTimeTZ
	tTimestampTZ = lib.TypeTimestampTZ
	tBigNum      = lib.TypeBigNum
	tSQLNull     = lib.TypeSQLNull
	tTimeNS      = lib.TypeTimeNS
	tGeometry    = lib.TypeGeometry
	tVariant     = lib.TypeVariant

	pendingNoTask = lib.PendingStateNoTasksAvailable
	pendingMore   = lib.PendingStateResultNotReady
	pendingFailed = lib.PendingStateError

	returnsNothing    = lib.ResultTypeNothing
	returnsChanged    = lib.ResultTypeChangedRows
	statementSelect   = lib.StatementTypeSelect
	statementExplain  = lib.StatementTypeExplain
	statementPragma   = lib.StatementTypePragma
	statementCall     = lib.StatementTypeCall
	statementExecute  = lib.StatementTypeExecute
	statementRelation = lib.StatementTypeRelation
)

// The library's functions under local names.
var (
	libOpen           = lib.OpenExt
	libClose          = lib.Close
	libConnect        = lib.Connect
	libDisconnect     = lib.Disconnect
	libInterrupt      = lib.Interrupt
	libVersion        = lib.LibraryVersion
	libCreateConfig   = lib.CreateConfig
	libSetConfig      = lib.SetConfig
	libDestroyConfig  = lib.DestroyConfig
	libExtract        = lib.ExtractStatements
	libExtractError   = lib.ExtractStatementsError
	libDestroyExtract = lib.DestroyExtracted
	libPrepare        = lib.PrepareExtractedStatement
	libPrepareError   = lib.PrepareError
	libDestroyPrepare = lib.DestroyPrepare
	libParamCount     = lib.NParams
	libStatementType  = lib.PreparedStatementType
	libPreparedCols   = lib.PreparedStatementColumnCount
	libPreparedName   = lib.PreparedStatementColumnName
	libPreparedType   = lib.PreparedStatementColumnLogicalType
	libPending        = lib.PendingPrepared
	libPendingError   = lib.PendingError
	libPendingTask    = lib.PendingExecuteTask
	libDestroyPending = lib.DestroyPending
	libExecutePending = lib.ExecutePending
	libResultError    = lib.ResultError
	libDestroyResult  = lib.DestroyResult
	libReturnType     = lib.ResultReturnType
	libRowsChanged    = lib.RowsChanged
	libColumnCount    = lib.ColumnCount
	libColumnName     = lib.ColumnName
	libColumnType     = lib.ColumnLogicalType
	libFetchChunk     = lib.FetchChunk
	libDestroyChunk   = lib.DestroyDataChunk
	libChunkSize      = lib.DataChunkGetSize
	libChunkVector    = lib.DataChunkGetVector
	libVectorData     = lib.VectorGetData
	libVectorValidity = lib.VectorGetValidity
	libListChild      = lib.ListVectorGetChild
	libArrayChild     = lib.ArrayVectorGetChild
	libStructChild    = lib.StructVectorGetChild

	libTypeID         = lib.GetTypeId
	libTypeAlias      = lib.LogicalTypeGetAlias
	libDestroyType    = lib.DestroyLogicalType
	libDecimalWidth   = lib.DecimalWidth
	libDecimalScale   = lib.DecimalScale
	libDecimalStorage = lib.DecimalInternalType
	libEnumStorage    = lib.EnumInternalType
	libEnumSize       = lib.EnumDictionarySize
	libEnumValue      = lib.EnumDictionaryValue
	libListType       = lib.ListTypeChildType
	libArrayType      = lib.ArrayTypeChildType
	libArraySize      = lib.ArrayTypeArraySize
	libMapKey         = lib.MapTypeKeyType
	libMapValue       = lib.MapTypeValueType
	libStructCount    = lib.StructTypeChildCount
	libStructName     = lib.StructTypeChildName
	libStructType     = lib.StructTypeChildType
	libUnionCount     = lib.UnionTypeMemberCount
	libUnionName      = lib.UnionTypeMemberName
	libUnionType      = lib.UnionTypeMemberType
	libNewType        = lib.CreateLogicalType

	libBindNull    = lib.BindNull
	libBindBool    = lib.BindBoolean
	libBindInt64   = lib.BindInt64
	libBindDouble  = lib.BindDouble
	libBindVarchar = lib.BindVarcharLength
	libBindBlob    = lib.BindBlob

	libAppenderQuery   = lib.AppenderCreateQuery
	libAppenderError   = lib.AppenderError
	libAppenderFlush   = lib.AppenderFlush
	libAppenderClear   = lib.AppenderClear
	libAppenderDestroy = lib.AppenderDestroy
	libAppendChunk     = lib.AppendDataChunk
	libNewChunk        = lib.CreateDataChunk
	libResetChunk      = lib.DataChunkReset
	libSetChunkSize    = lib.DataChunkSetSize
	libVectorSize      = lib.VectorSize
	libEnsureValidity  = lib.VectorEnsureValidityWritable
	libAssignString    = lib.VectorAssignStringElement
)
