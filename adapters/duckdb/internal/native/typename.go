package native

import (
	"strconv"
	"strings"
)

var scalarNames = map[typeID]string{
	tBoolean: "BOOLEAN", tTinyInt: "TINYINT", tSmallInt: "SMALLINT", tInteger: "INTEGER", tBigInt: "BIGINT",
	tUTinyInt: "UTINYINT", tUSmallInt: "USMALLINT", tUInteger: "UINTEGER", tUBigInt: "UBIGINT",
	tHugeInt: "HUGEINT", tUHugeInt: "UHUGEINT", tBigNum: "BIGNUM", tFloat: "FLOAT", tDouble: "DOUBLE",
	tVarchar: "VARCHAR", tBlob: "BLOB", tBit: "BIT", tUUID: "UUID", tInterval: "INTERVAL", tDate: "DATE",
	tTime: "TIME", tTimeNS: "TIME_NS", tTimeTZ: "TIME WITH TIME ZONE", tTimestamp: "TIMESTAMP",
	tTimestampS: "TIMESTAMP_S", tTimestampMS: "TIMESTAMP_MS", tTimestampNS: "TIMESTAMP_NS",
	tTimestampTZ: "TIMESTAMP WITH TIME ZONE", tSQLNull: "\"NULL\"", tGeometry: "GEOMETRY", tVariant: "VARIANT",
}

// typeName writes a type as DESCRIBE does, except that it quotes every field name where
// DESCRIBE knows which ones need it.
func typeName(lt logicalType) string {
	var b strings.Builder
	writeType(&b, lt)
	return b.String()
}

func writeType(b *strings.Builder, lt logicalType) {
	// JSON and user-defined types are aliases over a storage type.
	if alias := libTypeAlias(lt); alias != "" {
		b.WriteString(alias)
		return
	}
	child := func(t logicalType) {
		defer libDestroyType(&t)
		writeType(b, t)
	}
	switch id := libTypeID(lt); id {
	case tDecimal:
		b.WriteString("DECIMAL(")
		b.WriteString(strconv.Itoa(int(libDecimalWidth(lt))))
		b.WriteByte(',')
		b.WriteString(strconv.Itoa(int(libDecimalScale(lt))))
		b.WriteByte(')')
	case tEnum:
		b.WriteString("ENUM(")
		for i := uint32(0); i < uint32(libEnumSize(lt)); i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("'" + strings.ReplaceAll(libEnumValue(lt, idx(i)), "'", "''") + "'")
		}
		b.WriteByte(')')
	case tList:
		child(libListType(lt))
		b.WriteString("[]")
	case tArray:
		child(libArrayType(lt))
		b.WriteByte('[')
		b.WriteString(strconv.FormatUint(uint64(libArraySize(lt)), 10))
		b.WriteByte(']')
	case tMap:
		b.WriteString("MAP(")
		child(libMapKey(lt))
		b.WriteString(", ")
		child(libMapValue(lt))
		b.WriteByte(')')
	case tStruct:
		b.WriteString("STRUCT(")
		for i := idx(0); i < libStructCount(lt); i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoteName(libStructName(lt, i)))
			b.WriteByte(' ')
			child(libStructType(lt, i))
		}
		b.WriteByte(')')
	case tUnion:
		b.WriteString("UNION(")
		for i := idx(0); i < libUnionCount(lt); i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoteName(libUnionName(lt, i)))
			b.WriteByte(' ')
			child(libUnionType(lt, i))
		}
		b.WriteByte(')')
	default:
		if name, ok := scalarNames[id]; ok {
			b.WriteString(name)
			return
		}
		b.WriteString("UNKNOWN")
	}
}

func quoteName(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
