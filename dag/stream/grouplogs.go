package stream

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters/kafka/landing"
)

// logsEvery is how often the brokers are asked where the logs of a shared stream end: a
// partition is idle only after seconds of silence.
const logsEvery = time.Second

// groupLogs is what the writer of a shared stream knows of logs that others read.
type groupLogs struct {
	asked time.Time
	ends  map[landing.Partition]int64
}

// logs says where all logs of the stream end, as of logsEvery ago at most; nil when this
// process reads all of them, or has no watermark to find.
func (p *pump) logs(ctx context.Context) (map[landing.Partition]int64, error) {
	if p.group == nil || p.src.Watermark == nil {
		return nil, nil
	}
	known := &p.group.logs
	if known.ends != nil && time.Since(known.asked) < logsEvery {
		return known.ends, nil
	}
	asked := time.Now()
	all, err := p.survey(ctx)
	if err != nil {
		return nil, err
	}
	ends := make(map[landing.Partition]int64, len(all))
	for part, l := range all {
		ends[part] = l.end
	}
	*known = groupLogs{asked, ends}
	return ends, nil
}
