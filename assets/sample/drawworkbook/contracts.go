package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// contract is one company's scope of work; third parties have none of the warranty columns.
type contract struct {
	company, kind, trades, buildings string
	warrantyFrom, liabilityUntil     string
	settlementYuan                   float64
	feeRate                          float64
	responseHours                    int
}

func contracts() []contract {
	return []contract{
		{"样例建设总包公司", "总包", "结构、防水、抹灰", "1#-3#", "2026-08-20", "2028-08-19", 193_800_000, 0.15, 24},
		{"样例装饰工程公司", "分包", "精装修、油漆、木作", "1#-2#", "2026-08-20", "2028-08-19", 45_260_000, 0.15, 24},
		{"样例门窗工程公司", "分包", "门窗、栏杆", "1#-3#", "2026-08-20", "2028-08-19", 17_940_000, 0.2, 24},
		{"样例机电安装公司", "分包", "给排水、电气、暖通", "1#-3#", "2026-08-20", "2028-08-19", 38_750_000, 0.15, 12},
		{company: "样例综合维修公司", kind: "第三方", trades: "综合维修", buildings: "1#-3#", responseHours: 4},
		{company: "样例防水维修公司", kind: "第三方", trades: "防水", buildings: "1#-3#", responseHours: 4},
	}
}

func writeContracts(book *excelize.File, s styles) error {
	headers := []string{
		"单位名称", "类别", "专业", "楼栋范围", "质保起算日", "缺陷责任期止", "合同结算价(元)", "质保金比例", "代工管理费率", "响应时限(小时)", "负责人", "电话",
	}
	if err := writeHeader(book, s, contractSheet, 1, headers); err != nil {
		return err
	}
	const retentionRate = 0.03 // the most that may be kept back: Construction Quality Deposit rules, Jianzhi (2017) 138, art. 7
	for i, c := range contracts() {
		cells := []any{c.company, c.kind, c.trades, c.buildings, nil, nil, nil, nil, nil}
		if c.settlementYuan > 0 {
			cells = []any{c.company, c.kind, c.trades, c.buildings, c.warrantyFrom, c.liabilityUntil, c.settlementYuan, retentionRate, c.feeRate}
		}
		cells = append(cells, c.responseHours, fmt.Sprintf("样例负责人%d", i+1), fmt.Sprintf("1200000%04d", 9001+i))
		if err := writeRow(book, s, contractSheet, i+2, cells...); err != nil {
			return err
		}
	}
	return nil
}
